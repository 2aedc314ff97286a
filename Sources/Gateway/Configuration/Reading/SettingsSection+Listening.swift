internal import FastCGI
internal import Yams

extension SettingsSection {
    /// Where to listen: one place or a list of them, never empty.
    func listen(_ key: String) -> [ListenSetting] {
        guard isSet(key), let value = value(key) else { return [.usual] }
        var values = [value]
        if case .sequence(_) = value.node { values = self.values(key) }
        if values.isEmpty { error(key, "needs at least one address") }
        let listen = values.compactMap { value -> ListenSetting? in
            guard let text = value.text() else { return nil }
            guard let setting = ListenSetting(text) else {
                value.error("expected \(ListenSetting.expectation)", got: text)
                return nil
            }
            return setting
        }
        for (index, setting) in listen.enumerated() where listen[..<index].contains(setting) {
            error(key, "\(setting) is there twice")
        }
        return listen.isEmpty ? [.usual] : listen
    }

    /// A list of addresses and networks.
    func addressBlocks(_ key: String) -> [AddressBlock] {
        guard isPresent(key) else { return [] }
        let values = values(key)
        if values.isEmpty, case .sequence(_)? = value(key)?.node {
            error(key, "needs at least one address: an empty list would let nobody in")
        }
        return values.compactMap { value in
            guard let text = value.text() else { return nil }
            do throws(FastCGIError) {
                return try AddressBlock(text)
            } catch {
                file.error(line: value.line, key: value.path, error.message)
                return nil
            }
        }
    }
}
