import HTTPMessage

/// The API's description for machines, as served at `/customers/openapi.yaml`.
enum OpenAPIDocument {
    static let response = HTTPResponse(
        status: 200, headers: [(.contentType, "application/yaml"), (.cacheControl, "max-age=3600")],
        body: PackageResources.openapi_yaml)
}
