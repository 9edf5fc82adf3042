import Base
import Store

/// The content of a request as one value. Its initialiser names each field once; from that come the
/// reading of JSON and of forms, every 422, and the field's place in the OpenAPI document.
public protocol Command: Sendable {
    init(_ read: inout FieldReader)
}

/// A command without fields.
public struct Nothing: Command {
    public init(_ read: inout FieldReader) {}
}

/// Hands out the fields of a body or a query, collecting what is wrong instead of stopping at the
/// first fault; or, where it describes, collects their schema.
public struct FieldReader {
    /// One field's place in the description.
    struct Described: Sendable {
        var name: String
        var schema: JSON
        var isRequired: Bool
    }

    private enum Source {
        case object([JSON.Member])
        case pairs([(name: String, value: String)])
        case describing
    }

    private let source: Source
    private let zone: Zone
    private let isStrict: Bool
    private var asked: Set<String> = []
    private(set) var described: [Described] = []
    public private(set) var faults: [FieldFailure] = []
    private let prefix: String

    init(content: Call.Content, zone: Zone, isForm: Bool) throws {
        self.zone = zone
        prefix = ""
        switch content {
        case .none:
            source = .object([])
            isStrict = true
        case .form(let pairs):
            source = .pairs(pairs)
            isStrict = false
        case .json(.object(let members)):
            source = .object(members)
            isStrict = true
        case .json: throw Failure(.invalid, "body.not_object")
        case .refused(let failure): throw failure
        }
    }

    /// Reads a query string's pairs.
    public init(query: [(name: String, value: String)], zone: Zone) {
        source = .pairs(query)
        self.zone = zone
        isStrict = false
        prefix = ""
        for (i, pair) in query.enumerated() where query[..<i].contains(where: { $0.name == pair.name }) {
            fault(pair.name, "field.repeated")
        }
    }

    private init(members: [JSON.Member], zone: Zone, prefix: String) {
        source = .object(members)
        self.zone = zone
        isStrict = true
        self.prefix = prefix
    }

    private init(describing: Void) {
        source = .describing
        zone = .utc
        isStrict = true
        prefix = ""
    }

    /// The schema of a command's fields (JSON Schema 2020-12, as OpenAPI 3.1 uses it).
    static func describe(_ command: any Command.Type) -> [Described] {
        var reader = FieldReader(describing: ())
        _ = command.init(&reader)
        return reader.described
    }

    private var isDescribing: Bool { if case .describing = source { true } else { false } }

    /// Throws everything that was wrong, all fields at once.
    mutating func finish() throws {
        if isStrict, case .object(let members) = source {
            for m in members where !asked.contains(m.name) { fault(m.name, "field.unknown") }
        }
        if !faults.isEmpty { throw Failure(.invalid, "invalid", fields: faults) }
    }

    /// Adds a fault found by the command itself: two fields that contradict each other.
    public mutating func fault(_ field: String, _ code: String, _ arguments: [String: String] = [:]) {
        faults.append(FieldFailure(field: prefix + field, code: code, arguments: arguments))
    }

    private mutating func describe(_ name: String, required: Bool, _ schema: KeyValuePairs<String, JSON?>) {
        guard isDescribing else { return }
        described.append(Described(name: name, schema: .make(schema), isRequired: required))
    }

    private enum Raw {
        case absent
        case json(JSON)
        case text(String)
    }

    private mutating func raw(_ name: String, required: Bool) -> Raw {
        asked.insert(name)
        let found: Raw
        switch source {
        case .describing: return .absent
        case .object(let members):
            switch members.first(where: { $0.name == name })?.value {
            case nil, .null: found = .absent
            case .some(let v): found = .json(v)
            }
        case .pairs(let pairs):
            let values = pairs.filter { $0.name == name }
            if values.count > 1 { fault(name, "field.repeated") }
            let value = values.last?.value ?? ""
            found = value.isEmpty ? .absent : .text(value)
        }
        if case .absent = found, required { fault(name, "field.required") }
        return found
    }

    // MARK: Text

    /// Text of one line or several, cleaned (`CleanText`), 1 to `max` characters.
    public mutating func text(_ name: String, max: Int, lines: Bool = false) -> String {
        describe(
            name, required: true,
            ["type": "string", "minLength": 1, "maxLength": .int(Int64(max)), "pattern": "\\S"])
        return readText(name, required: true, max: max, lines: lines) ?? ""
    }

    /// Text that may be missing; empty counts as missing.
    public mutating func optionalText(_ name: String, max: Int, lines: Bool = false) -> String? {
        describe(name, required: false, ["type": ["string", "null"], "maxLength": .int(Int64(max))])
        return readText(name, required: false, max: max, lines: lines)
    }

    /// Text taken as it is, only bounded: passwords.
    public mutating func secret(_ name: String, max: Int = 256) -> String {
        describe(name, required: true, ["type": "string", "minLength": 1, "maxLength": .int(Int64(max))])
        switch raw(name, required: true) {
        case .absent: return ""
        case .json(.string(let s)) where s.count <= max: return s
        case .text(let s) where s.count <= max: return s
        case .json(.string), .text:
            fault(name, "field.too_long", ["max": String(max)])
            return ""
        case .json:
            fault(name, "field.not_text")
            return ""
        }
    }

    private mutating func readText(_ name: String, required: Bool, max: Int, lines: Bool) -> String? {
        let given: String
        switch raw(name, required: required) {
        case .absent: return nil
        case .json(.string(let s)): given = s
        case .text(let s): given = s
        case .json:
            fault(name, "field.not_text")
            return nil
        }
        do {
            let clean = try lines ? CleanText.lines(given, max: max) : CleanText.line(given, max: max)
            if clean.isEmpty {
                if required { fault(name, "field.required") }
                return nil
            }
            return clean
        } catch let f as Failure {
            fault(name, f.fields.first?.code ?? f.code, f.fields.first?.arguments ?? f.arguments)
            return nil
        } catch {
            fault(name, "field.not_text")
            return nil
        }
    }

    /// A serial number or another identifier that people type: folded (`CleanText.foldIdentifier`).
    public mutating func identifier(_ name: String, max: Int = 100) -> String? {
        describe(name, required: false, ["type": ["string", "null"], "maxLength": .int(Int64(max))])
        return readText(name, required: false, max: max, lines: false)
            .map { CleanText.foldIdentifier($0) }
    }

    /// An id of another row; that it exists and may be seen is for the use case to find out.
    public mutating func id<K>(_ name: String, _: K.Type = K.self) -> ID<K> {
        describe(name, required: true, ["type": "string", "minLength": 1, "maxLength": 64])
        return ID(readText(name, required: true, max: 64, lines: false) ?? "")
    }
    public mutating func optionalID<K>(_ name: String, _: K.Type = K.self) -> ID<K>? {
        describe(name, required: false, ["type": ["string", "null"], "maxLength": 64])
        return readText(name, required: false, max: 64, lines: false).map { ID($0) }
    }

    // MARK: Choices, numbers, truth, time

    /// One of an enum's cases by raw text.
    public mutating func choice<E: RawRepresentable<String> & CaseIterable>(
        _ name: String, _: E.Type = E.self
    ) -> E? {
        describeChoice(name, E.self, required: true)
        return readChoice(name, required: true)
    }
    public mutating func optionalChoice<E: RawRepresentable<String> & CaseIterable>(
        _ name: String, _: E.Type = E.self
    ) -> E? {
        describeChoice(name, E.self, required: false)
        return readChoice(name, required: false)
    }

    private mutating func describeChoice<E: RawRepresentable<String> & CaseIterable>(
        _ name: String, _: E.Type, required: Bool
    ) {
        var values = E.allCases.map { JSON.string($0.rawValue) }
        if !required { values.append(.null) }
        describe(name, required: required, ["enum": .array(values)])
    }

    private mutating func readChoice<E: RawRepresentable<String>>(_ name: String, required: Bool) -> E? {
        let given: String
        switch raw(name, required: required) {
        case .absent: return nil
        case .json(.string(let s)): given = s
        case .text(let s): given = s
        case .json:
            fault(name, "field.not_a_choice")
            return nil
        }
        guard let value = E(rawValue: given) else {
            fault(name, "field.not_a_choice")
            return nil
        }
        return value
    }

    /// A whole number inside a range.
    public mutating func int(_ name: String, _ range: ClosedRange<Int64>) -> Int64 {
        describeInt(name, range, required: true)
        return readInt(name, range, required: true) ?? range.lowerBound
    }
    public mutating func optionalInt(_ name: String, _ range: ClosedRange<Int64>) -> Int64? {
        describeInt(name, range, required: false)
        return readInt(name, range, required: false)
    }

    private mutating func describeInt(_ name: String, _ range: ClosedRange<Int64>, required: Bool) {
        describe(
            name, required: required,
            [
                "type": required ? "integer" : ["integer", "null"], "minimum": .int(range.lowerBound),
                "maximum": .int(range.upperBound),
            ])
    }

    private mutating func readInt(_ name: String, _ range: ClosedRange<Int64>, required: Bool) -> Int64? {
        let given: Int64?
        switch raw(name, required: required) {
        case .absent: return nil
        case .json(.int(let i)): given = i
        case .json: given = nil
        case .text(let s): given = Int64(CleanText.foldIdentifier(s))
        }
        guard let value = given else {
            fault(name, "field.not_a_number")
            return nil
        }
        guard range.contains(value) else {
            fault(
                name, "field.out_of_range",
                ["min": String(range.lowerBound), "max": String(range.upperBound)])
            return nil
        }
        return value
    }

    /// Truth; a form's box says `on`, `1`, `true` or `yes`. Absent is false.
    public mutating func bool(_ name: String) -> Bool { optionalBool(name) ?? false }

    public mutating func optionalBool(_ name: String) -> Bool? {
        describe(name, required: false, ["type": ["boolean", "null"]])
        switch raw(name, required: false) {
        case .absent: return nil
        case .json(.bool(let b)): return b
        case .text("on"), .text("1"), .text("true"), .text("yes"): return true
        case .text("off"), .text("0"), .text("false"), .text("no"): return false
        default:
            fault(name, "field.not_true_or_false")
            return nil
        }
    }

    /// Truth that must be said.
    public mutating func requiredBool(_ name: String) -> Bool {
        describe(name, required: true, ["type": "boolean"])
        switch raw(name, required: true) {
        case .absent: return false
        case .json(.bool(let b)): return b
        case .text("on"), .text("1"), .text("true"), .text("yes"): return true
        case .text("off"), .text("0"), .text("false"), .text("no"): return false
        default:
            fault(name, "field.not_true_or_false")
            return false
        }
    }

    /// A measure as people write it (`18,420 h`) or a bare JSON number; kept as text.
    public mutating func amount(_ name: String, max: Int) -> String? {
        describe(
            name, required: false, ["type": ["string", "number", "null"], "maxLength": .int(Int64(max))])
        if case .object(let members) = source, let value = members.first(where: { $0.name == name })?.value,
            value.double != nil
        {
            asked.insert(name)
            return value.text
        }
        return readText(name, required: false, max: max, lines: false)
    }

    /// A point in time: RFC 3339, or in forms also `YYYY-MM-DD HH:MM` in the reader's zone.
    public mutating func instant(_ name: String) -> Instant? {
        describe(name, required: true, ["type": "string", "format": "date-time"])
        return readInstant(name, required: true)
    }
    public mutating func optionalInstant(_ name: String) -> Instant? {
        describe(name, required: false, ["type": ["string", "null"], "format": "date-time"])
        return readInstant(name, required: false)
    }

    private mutating func readInstant(_ name: String, required: Bool) -> Instant? {
        let given: String
        switch raw(name, required: required) {
        case .absent: return nil
        case .json(.string(let s)): given = s
        case .json:
            fault(name, "field.not_a_time")
            return nil
        case .text(let s):
            if let wall = WallTime(s.trimmed) { return zone.instant(wall) }
            given = s
        }
        guard let t = Instant(rfc3339: given) else {
            fault(name, "field.not_a_time")
            return nil
        }
        return t
    }

    /// A calendar day, `YYYY-MM-DD`, as its day number.
    public mutating func optionalDay(_ name: String) -> Int? {
        describe(name, required: false, ["type": ["string", "null"], "format": "date"])
        let given: String
        switch raw(name, required: false) {
        case .absent: return nil
        case .json(.string(let s)): given = s
        case .text(let s): given = s.trimmed
        case .json:
            fault(name, "field.not_a_day")
            return nil
        }
        guard let day = CivilDate.parse(given) else {
            fault(name, "field.not_a_day")
            return nil
        }
        return day
    }

    /// Whether a field is there at all, empty or not: a change leaves alone what it does not name.
    public func names(_ name: String) -> Bool {
        switch source {
        case .describing: false
        case .object(let members): members.contains { $0.name == name }
        case .pairs(let pairs): pairs.contains { $0.name == name }
        }
    }

    // MARK: Compounds

    /// A list of short texts: `["acu", "rf"]`. In forms, one field with commas between them.
    public mutating func words(_ name: String, maxCount: Int = 32, max: Int = 60) -> [String]? {
        describe(
            name, required: false,
            [
                "type": ["array", "null"], "maxItems": .int(Int64(maxCount)),
                "items": .make(["type": "string", "maxLength": .int(Int64(max))]),
            ])
        let given: [String]
        switch raw(name, required: false) {
        case .absent: return nil
        case .text(let s): given = s.split { ",，、;；\n".contains($0) }.map(String.init)
        case .json(.array(let values)):
            given = values.compactMap(\.string)
            if given.count != values.count {
                fault(name, "field.not_a_list")
                return nil
            }
        case .json:
            fault(name, "field.not_a_list")
            return nil
        }
        let clean = given.compactMap { try? CleanText.line($0, max: max) }
        guard clean.count == given.count else {
            fault(name, "field.too_long", ["max": String(max)])
            return nil
        }
        let out = clean.filter { !$0.isEmpty }
        guard out.count <= maxCount else {
            fault(name, "field.wrong_count", ["min": "0", "max": String(maxCount)])
            return nil
        }
        return out
    }

    /// An object of texts: `{"impact": "large"}`. In forms, fields named `name.key`.
    public mutating func texts(_ name: String, maxCount: Int = 16) -> [String: String]? {
        describe(
            name, required: false,
            [
                "type": ["object", "null"],
                "additionalProperties": .make(["type": "string", "maxLength": 100]),
                "maxProperties": .int(Int64(maxCount)),
            ])
        if case .pairs(let pairs) = source {
            let found = pairs.filter { $0.name.hasPrefix(name + ".") && !$0.value.isEmpty }
            guard !found.isEmpty else { return nil }
            return Dictionary(
                found.prefix(maxCount).map { (String($0.name.dropFirst(name.count + 1)), $0.value) },
                uniquingKeysWith: { $1 })
        }
        switch raw(name, required: false) {
        case .json(.object(let members)):
            guard members.count <= maxCount,
                members.allSatisfy({ ($0.value.string?.count ?? 101) <= 100 })
            else {
                fault(name, "field.not_texts")
                return nil
            }
            return Dictionary(
                members.map { ($0.name, $0.value.string ?? "") }, uniquingKeysWith: { $1 })
        case .absent: return nil
        default:
            fault(name, "field.not_texts")
            return nil
        }
    }

    /// A command inside a command: `{"plan": {…}}`. In forms, fields named `plan.title`.
    public mutating func optionalObject<C: Command>(_ name: String, _: C.Type = C.self) -> C? {
        if isDescribing {
            let inner = OpenAPI.object(FieldReader.describe(C.self))
            describe(name, required: false, ["oneOf": [inner, .make(["type": "null"])]])
            return nil
        }
        asked.insert(name)
        var inner: FieldReader
        switch source {
        case .describing: return nil
        case .pairs(let pairs):
            let found = pairs.filter { $0.name.hasPrefix(name + ".") && !$0.value.isEmpty }
            guard !found.isEmpty else { return nil }
            inner = FieldReader(
                pairs: found.map { .init(String($0.name.dropFirst(name.count + 1)), .string($0.value)) },
                zone: zone, prefix: "\(prefix)\(name).")
        case .object:
            switch raw(name, required: false) {
            case .json(.object(let members)):
                inner = FieldReader(members: members, zone: zone, prefix: "\(prefix)\(name).")
            case .absent: return nil
            default:
                fault(name, "field.not_texts")
                return nil
            }
        }
        let value = C(&inner)
        do { try inner.finish() } catch let f as Failure { faults += f.fields } catch {}
        return value
    }

    /// A JSON object taken whole, for content that has a reader of its own; never in a form.
    /// - Parameter schema: JSON Schema of the object, for the description
    public mutating func object(_ name: String, schema: JSON, required: Bool = true) -> JSON? {
        if isDescribing { described.append(Described(name: name, schema: schema, isRequired: required)) }
        switch raw(name, required: required) {
        case .json(let value) where value.members != nil: return value
        case .absent: return nil
        default:
            fault(name, "body.not_object")
            return nil
        }
    }

    /// A list of commands: `[{"title": …}, …]`. In forms, fields named `name.0.title`.
    public mutating func list<C: Command>(
        _ name: String, _: C.Type = C.self, count: ClosedRange<Int>, required: Bool = true
    ) -> [C] {
        if isDescribing {
            describe(
                name, required: required,
                [
                    "type": required ? "array" : ["array", "null"],
                    "items": OpenAPI.object(FieldReader.describe(C.self)),
                    "minItems": .int(Int64(count.lowerBound)), "maxItems": .int(Int64(count.upperBound)),
                ])
            return []
        }
        asked.insert(name)
        var items: [[JSON.Member]] = []
        switch source {
        case .describing: return []
        case .pairs(let pairs):
            for i in 0..<count.upperBound {
                let start = "\(name).\(i)."
                let found = pairs.filter { $0.name.hasPrefix(start) && !$0.value.isEmpty }
                if found.isEmpty { continue }
                items.append(
                    found.map { .init(String($0.name.dropFirst(start.count)), .string($0.value)) })
            }
        case .object:
            switch raw(name, required: required) {
            case .absent: return []
            case .json(.array(let values)):
                for v in values.prefix(count.upperBound + 1) {
                    guard case .object(let members) = v else {
                        fault(name, "field.not_a_list")
                        return []
                    }
                    items.append(members)
                }
            default:
                fault(name, "field.not_a_list")
                return []
            }
        }
        if items.isEmpty, !required { return [] }
        guard count.contains(items.count) else {
            fault(
                name, "field.wrong_count",
                ["min": String(count.lowerBound), "max": String(count.upperBound)])
            return []
        }
        var out: [C] = []
        let isForm = if case .pairs = source { true } else { false }
        for (i, members) in items.enumerated() {
            var inner =
                isForm
                ? FieldReader(pairs: members, zone: zone, prefix: "\(prefix)\(name).\(i).")
                : FieldReader(members: members, zone: zone, prefix: "\(prefix)\(name).\(i).")
            out.append(C(&inner))
            do { try inner.finish() } catch let f as Failure { faults += f.fields } catch {}
        }
        return out
    }

    private init(pairs: [JSON.Member], zone: Zone, prefix: String) {
        source = .pairs(pairs.map { ($0.name, $0.value.string ?? "") })
        self.zone = zone
        isStrict = false
        self.prefix = prefix
    }
}
