import Base
import Store

// Fields of text: cleaned, bounded, identifiers folded.
extension FieldReader {
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
        guard let given = readString(name, required: true, else: "field.not_text") else { return "" }
        guard given.count <= max else {
            fault(name, "field.too_long", ["max": String(max)])
            return ""
        }
        return given
    }

    /// What was given as text, as it is; nil and a fault of that code where it is something else.
    mutating func readString(_ name: String, required: Bool, else code: String) -> String? {
        switch raw(name, required: required) {
        case .absent: return nil
        case .json(.string(let s)), .text(let s): return s
        case .json:
            fault(name, code)
            return nil
        }
    }

    mutating func readText(_ name: String, required: Bool, max: Int, lines: Bool) -> String? {
        guard let given = readString(name, required: required, else: "field.not_text") else { return nil }
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

    /// A value of whatever kind, checked by whoever knows what it is for. Text is cleaned and bounded;
    /// what else JSON knows comes as it is.
    public mutating func value(_ name: String, max: Int) -> JSON? {
        describe(name, required: false, ["type": ["string", "integer", "boolean", "object", "null"]])
        if case .object(let members) = source, let given = members.first(where: { $0.name == name })?.value,
            given != .null, given.string == nil
        {
            asked.insert(name)
            return given
        }
        return readText(name, required: false, max: max, lines: false).map { .string($0) }
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
}
