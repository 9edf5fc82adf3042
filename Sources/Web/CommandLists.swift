import Base
import Store

// Fields that hold fields: objects, lists, words, and measures.
extension FieldReader {
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
}
