import Testing

@testable import Gateway

@Suite("Tenant reference")
struct TenantReferenceTests {
    private let all = [
        (id: "8009bf1c-5fea-4221-b19a-fd4278fcb06f", name: "Acme", value: 1),
        (id: "0a17b060-f6ed-43e1-a55f-5c4a6ec1e16b", name: "Twin", value: 2),
        (id: "1b17b060-f6ed-43e1-a55f-5c4a6ec1e16b", name: "twin", value: 3),
    ]

    @Test(
        "an id in any form and a name in any case are understood",
        arguments: ["8009bf1c-5fea-4221-b19a-fd4278fcb06f", "8009BF1C5FEA4221B19AFD4278FCB06F", "acme", "ACME"])
    func found(text: String) throws { #expect(try TenantReference(text).find(in: all) == 1) }

    @Test("a name that several have is refused, with their ids")
    func ambiguous() {
        let error = #expect(throws: AdminError.self) { try TenantReference("twin").find(in: all) }
        #expect(error?.remedy.contains("0a17b060") == true && error?.remedy.contains("1b17b060") == true)
    }

    @Test("an unknown one is refused", arguments: ["", "other", "9909bf1c-5fea-4221-b19a-fd4278fcb06f"])
    func unknown(text: String) {
        let error = #expect(throws: AdminError.self) { try TenantReference(text).find(in: all) }
        #expect(error?.kind == .refused)
    }
}
