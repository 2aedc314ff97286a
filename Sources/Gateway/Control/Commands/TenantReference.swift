internal import Customers

/// How an admin names a tenant: by its id, dashed or not, or by its name in any case.
struct TenantReference {
    private let text: String

    init(_ text: String) { self.text = text }

    /// The one that is meant.
    ///
    /// - Throws: ``AdminError`` when it is none or several.
    func find<Value>(in all: [(id: String, name: String, value: Value)]) throws(AdminError) -> Value {
        if let id = TenantID(text) {
            if let found = all.first(where: { $0.id == id.text }) { return found.value }
        } else {
            let found = all.filter { $0.name.lowercased() == text.lowercased() }
            if found.count == 1, let only = found.first { return only.value }
            if found.count > 1 {
                throw AdminError(
                    .refused, "\(found.count) tenants are called \"\(TextTable.printable(text))\"",
                    remedy: "name one by its id: \(found.map(\.id).joined(separator: ", "))")
            }
        }
        throw AdminError(
            .refused, "there is no tenant \"\(TextTable.printable(text))\"",
            remedy: "customersctl tenant list shows those there are")
    }
}
