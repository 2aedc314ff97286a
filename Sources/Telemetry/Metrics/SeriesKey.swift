/// What tells one series from another: the label in code and the dimensions in any order.
struct SeriesKey: Hashable {
    var label: String
    var dimensions: [Dimension]

    struct Dimension: Hashable {
        var name: String
        var value: String
    }

    init(_ label: String, _ dimensions: [(String, String)]) {
        self.label = label
        self.dimensions = dimensions.map { Dimension(name: $0, value: $1) }.sorted { $0.name < $1.name }
    }
}
