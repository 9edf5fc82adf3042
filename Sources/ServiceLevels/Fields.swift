import Base

/// Reads the members of one JSON object; each refusal names the field by its path.
struct Fields {
    let json: JSON
    let path: String

    init(_ json: JSON, _ path: String = "") throws {
        guard json.members != nil else { throw Failure.invalid(path, "levels.field_wrong") }
        self.json = json
        self.path = path
    }

    func at(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func bad(_ name: String, _ code: String = "levels.field_wrong") -> Failure {
        .invalid(at(name), code)
    }

    /// The member, nil where it is absent or null.
    subscript(_ name: String) -> JSON? {
        guard let value = json[name], value != .null else { return nil }
        return value
    }

    func need(_ name: String) throws -> JSON {
        guard let value = self[name] else { throw bad(name, "levels.field_missing") }
        return value
    }

    func text(_ name: String) throws -> String {
        guard let s = try need(name).string, !s.isEmpty, s.utf8.count <= 200 else { throw bad(name) }
        return s
    }

    func optionalText(_ name: String) throws -> String? {
        self[name] == nil ? nil : try text(name)
    }

    func int(_ name: String, _ range: ClosedRange<Int64>) throws -> Int {
        guard let i = try need(name).int, range.contains(i) else { throw bad(name) }
        return Int(i)
    }

    func optionalInt(_ name: String, _ range: ClosedRange<Int64>) throws -> Int? {
        self[name] == nil ? nil : try int(name, range)
    }

    func instant(_ name: String) throws -> Instant {
        guard let t = try need(name).string.flatMap({ Instant(rfc3339: $0) }) else { throw bad(name) }
        return t
    }

    func optionalInstant(_ name: String) throws -> Instant? {
        self[name] == nil ? nil : try instant(name)
    }

    func array(_ name: String) throws -> [JSON] {
        guard let a = try need(name).array else { throw bad(name) }
        return a
    }

    func object(_ name: String) throws -> Fields { try Fields(need(name), at(name)) }

    /// The objects of an array, each with its path.
    func objects(_ name: String) throws -> [Fields] {
        try array(name).enumerated().map { try Fields($1, "\(at(name))[\($0)]") }
    }

    func label(_ name: String = "label") throws -> Label {
        guard let json = self[name] else { return Label() }
        return try Label(json: json, at(name))
    }
}

/// A name in the languages it was given in; it may be empty, then the key shows.
public struct Label: Sendable, Equatable {
    public var texts: [Language: String]

    public init(_ texts: [Language: String] = [:]) { self.texts = texts }

    public init(en: String, hans: String, hant: String) {
        texts = [.english: en, .simplifiedChinese: hans, .traditionalChinese: hant]
    }

    /// In that language, else the nearest other one, else the key.
    public func text(in language: Language, key: String) -> String {
        if let s = texts[language] { return s }
        let order: [Language] =
            language == .english
            ? [.simplifiedChinese, .traditionalChinese]
            : [.simplifiedChinese, .traditionalChinese, .english]
        return order.lazy.compactMap { texts[$0] }.first ?? key
    }

    init(json: JSON, _ path: String) throws {
        texts = [:]
        for member in try Fields(json, path).json.members ?? [] {
            guard let language = Language(rawValue: member.name), let s = member.value.string,
                s.utf8.count <= 400
            else { throw Failure.invalid("\(path).\(member.name)", "levels.field_wrong") }
            texts[language] = s
        }
    }

    /// nil where there is no text.
    var json: JSON? {
        texts.isEmpty
            ? nil
            : .object(
                Language.allCases.compactMap { l in texts[l].map { .init(l.rawValue, .string($0)) } })
    }
}
