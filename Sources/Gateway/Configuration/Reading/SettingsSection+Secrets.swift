extension SettingsSection {
    /// Whether a secret is given, in a file or plainly.
    func isSecretSet(_ key: String) -> Bool { isSet(key) || isSet(key + "_file") }

    /// A secret: the content of the file that `<key>_file` names less one final newline, or the plain `key` beside it,
    /// which is warned about.
    ///
    /// - Parameters:
    ///   - key: the plain key's name.
    ///   - hint: what it is for, when it must be there.
    ///   - isText: whether it must be UTF-8 without control characters.
    /// - Returns: the secret and the key that it came from; nil when there is none or it cannot be read, which is an
    ///   error.
    func secret(_ key: String, hint: String? = nil, isText: Bool = false) -> (value: SecretValue, key: String)? {
        let fileKey = key + "_file"
        if isSet(key), isSet(fileKey) {
            error(key, "\(fileKey) is set as well: one of them")
            return nil
        }
        let name: String
        let bytes: [UInt8]
        if isSet(key) {
            guard let text = value(key)?.text() else { return nil }
            warn(key, "a secret in the configuration file is for tests; prefer \(fileKey)")
            (name, bytes) = (key, Array(text.utf8))
        } else if isSet(fileKey) {
            guard let content = secretFile(fileKey) else { return nil }
            (name, bytes) = (fileKey, content)
        } else {
            if let hint { error(fileKey, "is required: \(hint)") }
            return nil
        }
        let secret = SecretValue(bytes)
        if isText, secret.text?.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) ?? true {
            error(name, "expected UTF-8 text on one line")
            return nil
        }
        return (secret, name)
    }

    /// A file with certificates; its path.
    func certificates(_ key: String) -> String? {
        guard isSet(key), let text = value(key)?.text() else { return nil }
        let path = file.resolve(text)
        do {
            guard CertificateFile.isGood(try ReadableFile(path: path).bytes) else {
                error(
                    key,
                    "expected certificates in PEM (-----BEGIN CERTIFICATE-----) in \(path); openssl x509 -inform DER makes it of DER"
                )
                return nil
            }
        } catch {
            self.error(key, "cannot read \(path): \(error.text)", isForbidden: error.isForbidden)
            return nil
        }
        return path
    }

    private func secretFile(_ key: String) -> [UInt8]? {
        guard let text = value(key)?.text() else { return nil }
        let candidates = file.candidates(forSecret: text)
        for (index, place) in candidates.enumerated() {
            let path: String
            switch place {
            case .file(let name): path = name
            case .text(let bytes): return Self.withoutFinalNewline(bytes)
            case .sealed(let source):
                warn(key, "\(text) comes from \(source) through systemd: its content was not looked at")
                return Self.standIn
            }
            do {
                let content = try ReadableFile(path: path, maximumBytes: 65_536)
                if content.isWorldReadable { warn(key, "everybody may read \(path)") }
                if content.bytes.starts(with: ReadableFile.byteOrderMark) {
                    warn(key, "\(path) begins with a byte order mark, which counts as part of it; save it without one")
                }
                let bytes = Self.withoutFinalNewline(content.bytes)
                // systemd can put an empty credential in the place of a file that is not there.
                if bytes.isEmpty, index < candidates.count - 1 { continue }
                if bytes.isEmpty {
                    error(key, "\(path) is empty")
                    return nil
                }
                return bytes
            } catch {
                if error.isMissing, index < candidates.count - 1 { continue }
                guard error.isMissing, SettingsFile.keysOfFirstStart.contains(path) else {
                    self.error(key, "cannot read \(path): \(error.text)", isForbidden: error.isForbidden)
                    return nil
                }
                guard file.precedesFirstStart else {
                    self.error(key, "cannot read \(path): \(error.text); systemctl start customersd-keys makes it")
                    return nil
                }
                warn(key, "\(path) is not there yet; the first start makes it")
                return Self.standIn
            }
        }
        return nil
    }

    /// 32 bytes in base64, for what looks at length and form.
    private static let standIn = Array(repeating: UInt8(ascii: "A"), count: 43) + [UInt8(ascii: "=")]

    private static func withoutFinalNewline(_ bytes: [UInt8]) -> [UInt8] {
        bytes.last == 0x0A ? Array(bytes.dropLast()) : bytes
    }
}
