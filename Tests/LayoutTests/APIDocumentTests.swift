import Testing

@Suite("The API and its document")
struct APIDocumentTests {
    @Test("openapi.yaml has exactly the calls of the route table")
    func calls() throws {
        let routes = APIDocument.calls(inRoutes: try SourceTree.here.text("Sources/CustomersAPI/Routes.swift"))
        let document = APIDocument.calls(inDocument: try SourceTree.here.text("Sources/CustomersAPI/openapi.yaml"))
        #expect(routes.count > 5)
        #expect(routes.symmetricDifference(document) == [])
    }

    @Test("what openapi.yaml refers to is there, and what is there is used")
    func references() throws {
        let document = try SourceTree.here.text("Sources/CustomersAPI/openapi.yaml")
        let looseEnds = APIDocument.looseEnds(inDocument: document)
        #expect(looseEnds == [])
    }

    @Test("the readers find what is there")
    func readers() {
        let routes = #"""
            "/a/b": ["GET": { try await x($0) }, "POST": { _ in y }],
            "not a path": ["GET": { z }],
            """#
        #expect(APIDocument.calls(inRoutes: routes) == ["GET /a/b", "POST /a/b"])
        let yaml = """
            paths:
              /a/b:
                get:
                  responses:
                    '200': {$ref: '#/components/responses/lost'}
            components:
              responses:
                found:
                  description: x
            """
        #expect(APIDocument.calls(inDocument: yaml) == ["GET /a/b"])
        #expect(
            APIDocument.looseEnds(inDocument: yaml) == ["responses/lost is missing", "responses/found is not used"])
    }
}
