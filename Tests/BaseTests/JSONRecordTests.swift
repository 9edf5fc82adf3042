import Foundation
import Testing

@testable import Base

private enum Tone: String, Codable, CaseIterable {
    case high
    case low = "quite_low"
}

private struct Leaf: Codable, Equatable {
    var text: String
    var at: Instant?
    var tone: Tone?
}

private struct Record: Codable, Equatable {
    var id: AccountID
    var count: Int64
    var small: Int8
    var ratio: Double
    var isOpen: Bool
    var isKnown: Bool?
    var note: String?
    var tone: Tone
    var leaf: Leaf?
    var leaves: [Leaf]
    var holes: [Int?]
    var levels: [String: String]
    var people: Set<AccountID>

    init(_ r: inout SeededRandom) {
        func maybe<T>(_ make: () -> T) -> T? { r.below(2) == 0 ? nil : make() }
        func leaf(_ r: inout SeededRandom) -> Leaf {
            Leaf(
                text: r.text(upTo: 20), at: Instant(ms: Int64(r.below(1 << 40))),
                tone: Tone.allCases[r.below(2)])
        }
        id = AccountID(r.text(upTo: 8))
        count = Int64(bitPattern: r.next())
        small = Int8(truncatingIfNeeded: r.below(256))
        ratio = Double(r.below(1000)) / 8
        isOpen = r.below(2) == 0
        isKnown = r.below(2) == 0 ? nil : true
        note = r.below(2) == 0 ? nil : r.text(upTo: 40)
        tone = Tone.allCases[r.below(2)]
        self.leaf = r.below(2) == 0 ? nil : leaf(&r)
        leaves = []
        for _ in 0..<r.below(4) { leaves.append(leaf(&r)) }
        holes = []
        for _ in 0..<r.below(4) { holes.append(r.below(2) == 0 ? nil : r.below(9)) }
        levels = [:]
        for _ in 0..<r.below(4) { levels[r.text(upTo: 6)] = r.text(upTo: 6) }
        people = []
        for _ in 0..<r.below(4) { people.insert(AccountID(r.text(upTo: 6))) }
    }
}

@Suite struct JSONRecordTests {
    /// What is written reads back as the same, here and by Foundation's coder, both ways.
    @Test func readsWhatItWrites() throws {
        for seed in UInt64(1)...400 {
            var random = SeededRandom(seed)
            let record = Record(&random)
            let text = try JSON.encode(record).text
            #expect(try JSON.parse(text).decode(Record.self) == record, "seed \(seed)")
            #expect(try JSONDecoder().decode(Record.self, from: Data(text.utf8)) == record, "seed \(seed)")
            let foreign = try JSONEncoder().encode(record)
            #expect(try JSON.parse(foreign).decode(Record.self) == record, "seed \(seed)")
        }
    }

    @Test(
        "What lacks a field, or holds another kind of value, is refused by the field's name or kind",
        arguments: [
            (#"{}"#, "text"), (#"{"text":null}"#, "String"), (#"{"text":1}"#, "String"),
            (#"{"text":"a","at":"now"}"#, "Int64"), (#"{"text":"a","at":1.5}"#, "Int64"), ("[]", "{}"),
            ("null", "{}"),
        ])
    func refuses(text: String, field: String) throws {
        let refusal = outcome { try JSON.parse(text).decode(Leaf.self) }
        guard case .failure(let f) = refusal else {
            Issue.record("\(text) was read")
            return
        }
        #expect(f.code == "json.record" && f.arguments["field"] == field, "\(f)")
    }

    @Test func numbersStayInTheirRange() {
        #expect(code { try JSON.int(128).decode(Int8.self) } == "json.record")
        #expect(code { try JSON.encode(UInt64.max) } == "json.record")
    }

    @Test func anUnknownChoiceIsRefused() {
        #expect(throws: (any Error).self) { try JSON.string("middle").decode(Tone.self) }
    }
}
