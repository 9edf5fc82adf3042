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

    enum Source {
        case object([JSON.Member])
        case pairs([(name: String, value: String)])
        case describing
    }

    let source: Source
    let zone: Zone
    let isStrict: Bool
    var asked: Set<String> = []
    var described: [Described] = []
    public internal(set) var faults: [FieldFailure] = []
    let prefix: String

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
        var known: Set<String> = []
        for pair in query where !known.insert(pair.name).inserted { fault(pair.name, "field.repeated") }
    }

    init(members: [JSON.Member], zone: Zone, prefix: String) {
        source = .object(members)
        self.zone = zone
        isStrict = true
        self.prefix = prefix
    }

    init(describing: Void) {
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

    var isDescribing: Bool { if case .describing = source { true } else { false } }

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

    /// The schema is made only where somebody wants it: every request passes here with every field.
    mutating func describe(
        _ name: String, required: Bool, _ schema: @autoclosure () -> KeyValuePairs<String, JSON?>
    ) {
        guard isDescribing else { return }
        described.append(Described(name: name, schema: .make(schema()), isRequired: required))
    }

    enum Raw {
        case absent
        case json(JSON)
        case text(String)
    }

    mutating func raw(_ name: String, required: Bool) -> Raw {
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

    init(pairs: [JSON.Member], zone: Zone, prefix: String) {
        source = .pairs(pairs.map { ($0.name, $0.value.string ?? "") })
        self.zone = zone
        isStrict = false
        self.prefix = prefix
    }
}
