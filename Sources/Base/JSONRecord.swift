/// Records that are kept as JSON: Swift's own `Codable` on this JSON, so that a field is named once, in
/// its type. Foundation's coder does the same some ten times slower, and a ticket is read that way on
/// every request.
extension JSON {
    /// The record that the value holds. Refusal: `json.record`, with the field that it lacks.
    public func decode<T: Decodable>(_: T.Type = T.self) throws -> T { try T(from: RecordReader(json: self)) }

    /// A record as a value; fields that are nil are left out.
    public static func encode(_ value: some Encodable) throws -> JSON {
        let slot = RecordSlot()
        try value.encode(to: RecordWriter(slot: slot))
        return slot.json
    }
}

// MARK: - Reading

private struct RecordReader: Decoder, SingleValueDecodingContainer {
    let json: JSON
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = json else { throw unreadable("{}") }
        return KeyedDecodingContainer(Fields<Key>(members))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let items) = json else { throw unreadable("[]") }
        return Items(items: items)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { json == .null }

    func decode(_: Bool.Type) throws -> Bool {
        guard case .bool(let b) = json else { throw unreadable("Bool") }
        return b
    }

    func decode(_: String.Type) throws -> String {
        guard case .string(let s) = json else { throw unreadable("String") }
        return s
    }

    func decode<T: FixedWidthInteger & Decodable>(_: T.Type) throws -> T {
        guard case .int(let i) = json, let value = T(exactly: i) else { throw unreadable("\(T.self)") }
        return value
    }

    func decode<T: BinaryFloatingPoint & Decodable>(_: T.Type) throws -> T {
        guard let d = json.double else { throw unreadable("\(T.self)") }
        return T(d)
    }

    func decode<T: Decodable>(_: T.Type) throws -> T { try T(from: self) }
}

private func unreadable(_ field: String) -> Failure { Failure(.internal, "json.record", ["field": field]) }

private struct Fields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: [JSON.Member]
    /// Where many are asked for, most of them in vain, looking at each takes too long.
    private let index: [String: Int]?
    var codingPath: [any CodingKey] { [] }

    init(_ members: [JSON.Member]) {
        self.members = members
        index =
            members.count <= 8
            ? nil
            : Dictionary(members.indices.lazy.map { (members[$0].name, $0) }, uniquingKeysWith: { a, _ in a })
    }

    var allKeys: [Key] { members.compactMap { Key(stringValue: $0.name) } }

    private func find(_ key: Key) -> JSON? {
        let name = key.stringValue
        if let index { return index[name].map { members[$0].value } }
        for i in members.indices where members[i].name == name { return members[i].value }
        return nil
    }

    private func value(_ key: Key) throws -> RecordReader {
        guard let json = find(key) else { throw unreadable(key.stringValue) }
        return RecordReader(json: json)
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try value(key).decodeNil() }
    func decode<T: Decodable>(_: T.Type, forKey key: Key) throws -> T { try T(from: value(key)) }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try value(key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try value(key).decode(type) }

    func decodeIfPresent<T: Decodable>(_: T.Type, forKey key: Key) throws -> T? {
        guard let json = find(key), json != .null else { return nil }
        return try T(from: RecordReader(json: json))
    }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        guard let json = find(key), json != .null else { return nil }
        return try RecordReader(json: json).decode(type)
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws
        -> KeyedDecodingContainer<Nested>
    { try value(key).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try value(key).unkeyedContainer()
    }
    func superDecoder() throws -> any Decoder { RecordReader(json: .object(members)) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try value(key) }
}

private struct Items: UnkeyedDecodingContainer {
    let items: [JSON]
    var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    var count: Int? { items.count }
    var isAtEnd: Bool { currentIndex >= items.count }

    init(items: [JSON]) { self.items = items }

    private mutating func next() throws -> RecordReader {
        guard !isAtEnd else { throw unreadable("[\(currentIndex)]") }
        defer { currentIndex += 1 }
        return RecordReader(json: items[currentIndex])
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, items[currentIndex] == .null else { return false }
        currentIndex += 1
        return true
    }
    mutating func decode<T: Decodable>(_: T.Type) throws -> T { try T(from: next()) }
    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws
        -> KeyedDecodingContainer<Key>
    { try next().container(keyedBy: type) }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try next().unkeyedContainer()
    }
    mutating func superDecoder() throws -> any Decoder { try next() }
}

// MARK: - Writing

/// Where a value is to stand: a container may be filled after its place was given out.
private final class RecordSlot {
    private enum Content {
        case value(JSON)
        case object([(String, RecordSlot)])
        case array([RecordSlot])
    }
    private var content = Content.value(.null)

    var json: JSON {
        switch content {
        case .value(let json): json
        case .object(let members): .object(members.map { .init($0.0, $0.1.json) })
        case .array(let items): .array(items.map(\.json))
        }
    }

    func set(_ json: JSON) { content = .value(json) }
    func becomeObject() { if case .value = content { content = .object([]) } }
    func becomeArray() { if case .value = content { content = .array([]) } }

    var count: Int { if case .array(let items) = content { items.count } else { 0 } }

    func member(_ name: String) -> RecordSlot {
        let slot = RecordSlot()
        guard case .object(var members) = content else { return slot }
        content = .array([])
        members.append((name, slot))
        content = .object(members)
        return slot
    }

    func item() -> RecordSlot {
        let slot = RecordSlot()
        guard case .array(var items) = content else { return slot }
        content = .value(.null)
        items.append(slot)
        content = .array(items)
        return slot
    }
}

private struct RecordWriter: Encoder, SingleValueEncodingContainer {
    let slot: RecordSlot
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy: Key.Type) -> KeyedEncodingContainer<Key> {
        slot.becomeObject()
        return KeyedEncodingContainer(FieldsWriter<Key>(slot: slot))
    }
    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        slot.becomeArray()
        return ItemsWriter(slot: slot)
    }
    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func encodeNil() { slot.set(.null) }
    func encode(_ value: Bool) { slot.set(.bool(value)) }
    func encode(_ value: String) { slot.set(.string(value)) }
    func encode<T: FixedWidthInteger & Encodable>(_ value: T) throws {
        guard let i = Int64(exactly: value) else { throw unreadable("\(T.self)") }
        slot.set(.int(i))
    }
    func encode<T: BinaryFloatingPoint & Encodable>(_ value: T) { slot.set(.double(Double(value))) }
    func encode<T: Encodable>(_ value: T) throws { try value.encode(to: self) }
}

private struct FieldsWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let slot: RecordSlot
    var codingPath: [any CodingKey] { [] }

    func writer(_ key: Key) -> RecordWriter { RecordWriter(slot: slot.member(key.stringValue)) }

    func encodeNil(forKey key: Key) { writer(key).encodeNil() }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try value.encode(to: writer(key)) }
    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key)
        -> KeyedEncodingContainer<Nested>
    { writer(key).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        writer(key).unkeyedContainer()
    }
    func superEncoder() -> any Encoder { RecordWriter(slot: slot.member("super")) }
    func superEncoder(forKey key: Key) -> any Encoder { writer(key) }
}

private struct ItemsWriter: UnkeyedEncodingContainer {
    let slot: RecordSlot
    var codingPath: [any CodingKey] { [] }
    var count: Int { slot.count }

    func encodeNil() { slot.item().set(.null) }
    func encode<T: Encodable>(_ value: T) throws { try value.encode(to: RecordWriter(slot: slot.item())) }
    func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        RecordWriter(slot: slot.item()).container(keyedBy: type)
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        RecordWriter(slot: slot.item()).unkeyedContainer()
    }
    func superEncoder() -> any Encoder { RecordWriter(slot: slot.item()) }
}
