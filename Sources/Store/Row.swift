import Base

/// What an engine lets be read of the row it stands on, by column from 0.
public protocol RowSource {
    func isNull(_ column: Int) -> Bool
    func int(_ column: Int) -> Int64
    func text(_ column: Int) -> String
    func blob(_ column: Int) -> [UInt8]
    /// As it is stored, whatever it is.
    func value(_ column: Int) -> Value
}

/// A row, read from left to right in the order of the select list. Valid only inside the closure that
/// gets it. A NULL where a value is asked for reads as 0 or "".
public struct Row {
    private let source: any RowSource
    private var column = 0

    public init(_ source: any RowSource) { self.source = source }

    private mutating func step() -> Int {
        defer { column += 1 }
        return column
    }

    public mutating func int() -> Int64 { source.int(step()) }
    public mutating func count() -> Int { Int(source.int(step())) }
    public mutating func bool() -> Bool { source.int(step()) != 0 }
    public mutating func text() -> String { source.text(step()) }
    public mutating func blob() -> [UInt8] { source.blob(step()) }
    public mutating func instant() -> Instant { Instant(ms: source.int(step())) }
    public mutating func id<K>(_: K.Type = K.self) -> ID<K> { ID(source.text(step())) }

    /// The next columns as they are stored.
    public mutating func values(_ count: Int) -> [Value] { (0..<count).map { _ in source.value(step()) } }

    public mutating func intOrNil() -> Int64? {
        let c = step()
        return source.isNull(c) ? nil : source.int(c)
    }
    public mutating func textOrNil() -> String? {
        let c = step()
        return source.isNull(c) ? nil : source.text(c)
    }
    public mutating func instantOrNil() -> Instant? {
        let c = step()
        return source.isNull(c) ? nil : Instant(ms: source.int(c))
    }
    public mutating func idOrNil<K>(_: K.Type = K.self) -> ID<K>? {
        let c = step()
        return source.isNull(c) ? nil : ID(source.text(c))
    }

    /// An enum by its raw text; the fallback where the text is unknown, as after a downgrade.
    public mutating func choice<E: RawRepresentable<String>>(_ fallback: E) -> E {
        E(rawValue: source.text(step())) ?? fallback
    }
    public mutating func choiceOrNil<E: RawRepresentable<String>>(_: E.Type = E.self) -> E? {
        let c = step()
        return source.isNull(c) ? nil : E(rawValue: source.text(c))
    }
    /// JSON kept as text; `null` where it is none.
    public mutating func json() -> JSON {
        let c = step()
        return source.isNull(c) ? .null : (try? JSON.parse(source.text(c))) ?? .null
    }
}
