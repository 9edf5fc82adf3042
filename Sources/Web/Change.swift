import Base

/// What a change says of one field: nothing, or its new value, which may be none.
public enum Change<T: Sendable>: Sendable {
    case keep
    case set(T)

    public func apply(to value: inout T) { if case .set(let new) = self { value = new } }
}

extension FieldReader {
    /// What a change says of a text: keeps what it does not name.
    public mutating func text(changed name: String, max: Int, lines: Bool = false) -> Change<String> {
        let value = optionalText(name, max: max, lines: lines)
        guard names(name) else { return .keep }
        if value == nil, !faults.contains(where: { $0.field == name }) { fault(name, "field.required") }
        return .set(value ?? "")
    }
    public mutating func optional(changed name: String, max: Int, lines: Bool = false) -> Change<String?> {
        let value = optionalText(name, max: max, lines: lines)
        return names(name) ? .set(value) : .keep
    }
    /// In force or not; forms choose between the two words.
    public mutating func state(_ name: String) -> Change<Bool> {
        optionalBool(name).map { .set($0) } ?? .keep
    }
}

/// What a change changed: each field with its value before and after, as the history keeps it.
public struct Difference {
    private var members: [JSON.Member] = []

    public init() {}

    public var isEmpty: Bool { members.isEmpty }
    public var json: JSON { .make(["changed": .object(members)]) }

    public mutating func add(_ name: String, _ old: String?, _ new: String?) {
        guard old != new else { return }
        members.append(.init(name, .make(["from": .of(old), "to": .of(new)])))
    }

    public mutating func add(_ name: String, _ old: Int64?, _ new: Int64?) {
        guard old != new else { return }
        members.append(.init(name, .make(["from": .of(old), "to": .of(new)])))
    }

    public mutating func add(_ name: String, _ old: Bool, _ new: Bool) {
        guard old != new else { return }
        members.append(.init(name, .make(["from": .bool(old), "to": .bool(new)])))
    }
}

/// Patterns for `like … escape '\'`.
public enum Likes {
    public static func containing(_ word: String) -> String {
        var out = "%"
        for c in word.lowercased() {
            if c == "%" || c == "_" || c == "\\" { out.append("\\") }
            out.append(c)
        }
        return out + "%"
    }

    /// The words of a search box, at most eight.
    public static func words(_ text: String?) -> [String] {
        (text ?? "").split(whereSeparator: \.isWhitespace).prefix(8).map { String($0.prefix(60)) }
    }
}

extension Failure {
    /// The same with what its sentence names.
    public func with(_ arguments: [String: String]) -> Failure {
        var out = self
        out.arguments = arguments
        return out
    }
}
