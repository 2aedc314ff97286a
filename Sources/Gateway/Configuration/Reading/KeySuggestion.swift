/// Finds the key that was meant.
enum KeySuggestion {
    /// What to say about an unknown key.
    static func text(for key: String, known: [String]) -> String {
        if let nearest = nearest(to: key, among: known) { return "unknown key; did you mean \(nearest)?" }
        return "unknown key; allowed here: " + known.joined(separator: ", ")
    }

    /// The word that was meant; nil when none is near.
    static func nearest(to word: String, among known: [String]) -> String? {
        let nearest = known.map { (name: $0, distance: distance(word.lowercased(), $0)) }.min {
            $0.distance < $1.distance
        }
        guard let nearest, nearest.distance <= max(1, min(3, word.count / 3)) else { return nil }
        return nearest.name
    }

    /// Levenshtein's distance: characters to change, add or take away.
    private static func distance(_ a: String, _ b: String) -> Int {
        let b = Array(b)
        var row = Array(0...b.count)
        for (i, character) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in b.enumerated() {
                let substituted = diagonal + (character == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[b.count]
    }
}
