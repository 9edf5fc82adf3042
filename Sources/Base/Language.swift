/// The languages of the product.
public enum Language: String, Sendable, CaseIterable, Codable {
    case simplifiedChinese = "zh-Hans"
    case traditionalChinese = "zh-Hant"
    case english = "en"

    /// The tag for `lang` attributes and `Content-Language` (BCP 47).
    public var tag: String { rawValue }

    /// The best of our languages for an `Accept-Language` header (RFC 9110 § 12.5.4); nil where
    /// the header asks for none of them.
    public init?(acceptLanguage header: String) {
        var best: (language: Language, quality: Double)?
        for part in header.utf8.count > 1000 ? [] : header.split(separator: ",").prefix(32) {
            let pieces = part.split(separator: ";")
            guard let first = pieces.first else { continue }
            let tag = String(first).trimmed.lowercased()
            var quality = 1.0
            for p in pieces.dropFirst() {
                let p = String(p).trimmed
                if p.hasPrefix("q="), let q = Double(p.dropFirst(2)), q >= 0, q <= 1 { quality = q }
            }
            guard quality > 0, let language = Language(tag: tag) else { continue }
            if best == nil || quality > best!.quality { best = (language, quality) }
        }
        guard let best else { return nil }
        self = best.language
    }

    /// From a language tag such as `zh-TW`, `zh-Hans-CN`, `en-GB`.
    public init?(tag: String) {
        let t = tag.lowercased()
        if t.hasPrefix("en") {
            self = .english
        } else if t.hasPrefix("zh-hant") || t.hasPrefix("zh-tw") || t.hasPrefix("zh-hk")
            || t.hasPrefix("zh-mo")
        {
            self = .traditionalChinese
        } else if t.hasPrefix("zh") {
            self = .simplifiedChinese
        } else {
            return nil
        }
    }
}

extension StringProtocol {
    /// Without white space and line ends at both ends.
    public var trimmed: String {
        var s = self[...]
        while let f = s.first, f.isWhitespace { s = s.dropFirst() }
        while let l = s.last, l.isWhitespace { s = s.dropLast() }
        return String(s)
    }
}

/// The sentences of the product in one language, by key.
///
/// They stand in `Sources/Assets/strings/<area>.<language>.txt`, one `key = sentence` a line; `{name}`
/// is a place to fill. Missing keys show as the key itself and are found by a test.
public struct Strings: Sendable {
    public let language: Language
    private let table: [String: String]

    init(_ language: Language, _ table: [String: String]) {
        self.language = language
        self.table = table
    }

    public subscript(_ key: String) -> String { table[key] ?? key }

    /// An argument that stands for the sentence of another key. Its mark is a control character,
    /// which `CleanText` takes out of everything that people write: no text of theirs names a sentence.
    public static func named(_ key: String) -> String { mark + key }

    private static let mark = "\u{1}"

    /// Text that comes uncleaned, without the mark of `named`.
    public static func plain(_ text: String) -> String {
        text.utf8.contains(1) ? text.replacing(mark, with: "") : text
    }

    /// The sentence with its places filled; an argument made by `named` is itself looked up.
    public func callAsFunction(_ key: String, _ arguments: [String: String]) -> String {
        let sentence = self[key]
        guard !arguments.isEmpty, sentence.utf8.contains(0x7B) else { return sentence }
        var out = ""
        Strings.places(of: sentence) { text, name in
            out += text
            guard let name else { return }
            guard let value = arguments[name] else {
                out += "{" + name + "}"
                return
            }
            out += value.hasPrefix(Self.mark) ? self[String(value.dropFirst())] : value
        }
        return out
    }

    /// Goes through a sentence: each stretch of text with the name of the place behind it, nil at the end.
    public static func places(of sentence: String, _ body: (Substring, String?) -> Void) {
        let bytes = sentence.utf8
        var rest = bytes.startIndex
        while let open = bytes[rest...].firstIndex(of: 0x7B), let close = bytes[open...].firstIndex(of: 0x7D)
        {
            body(sentence[rest..<open], String(sentence[bytes.index(after: open)..<close]))
            rest = bytes.index(after: close)
        }
        body(sentence[rest...], nil)
    }

    public func has(_ key: String) -> Bool { table[key] != nil }
    public var keys: some Collection<String> { table.keys }

    /// All sentences of a language, from the files built into the program.
    public static func of(_ language: Language) -> Strings {
        switch language {
        case .simplifiedChinese: simplified
        case .traditionalChinese: traditional
        case .english: english
        }
    }

    private static let simplified = load(.simplifiedChinese)
    private static let traditional = load(.traditionalChinese)
    private static let english = load(.english)

    private static func load(_ language: Language) -> Strings {
        var table: [String: String] = [:]
        for asset in Asset.all
        where asset.name.hasPrefix("strings/") && asset.name.hasSuffix(".\(language.rawValue).txt") {
            parse(String(decoding: asset.bytes, as: UTF8.self), into: &table)
        }
        return Strings(language, table)
    }

    /// `key = sentence`; `#` begins a comment line; `\n` in a sentence is a line end.
    static func parse(_ text: String, into table: inout [String: String]) {
        for line in text.split(whereSeparator: \.isNewline) {
            guard !line.hasPrefix("#"), let eq = line.firstIndex(of: "=") else { continue }
            let key = line[..<eq].trimmed
            let value = line[line.index(after: eq)...].trimmed
            table[key] = value.contains("\\n") ? value.replacing("\\n", with: "\n") : value
        }
    }
}
