/// A row of numbers as a small picture: SVG to stand in a page.
struct Sparkline {
    let values: [Int]
    var width = 480
    var height = 48

    /// The picture; with fewer than two numbers an empty one.
    func svg() -> String {
        let highest = max(values.max() ?? 0, 1)
        let step = values.count > 1 ? Double(width) / Double(values.count - 1) : 0
        let points = values.enumerated().map { index, value in
            let x = Self.text(Double(index) * step)
            let y = Self.text(Double(height - 2) - Double(value) / Double(highest) * Double(height - 4))
            return "\(x),\(y)"
        }
        let joined = points.joined(separator: " ")
        let ground = "0,\(height) \(joined) \(width),\(height)"
        let line =
            points.count > 1
            ? "<polygon fill=\"currentColor\" fill-opacity=\".15\" points=\"\(ground)\"/><polyline fill=\"none\" "
                + "stroke=\"currentColor\" stroke-width=\"1.5\" vector-effect=\"non-scaling-stroke\" points=\"\(joined)\"/>"
            : ""
        return "<svg width=\"\(width)\" height=\"\(height)\" viewBox=\"0 0 \(width) \(height)\" "
            + "preserveAspectRatio=\"none\" role=\"img\" "
            + "aria-label=\"requests\">\(line)</svg>"
    }

    /// One digit after the point.
    private static func text(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}
