/// The tokens of a search document as the server's `tsvector` and back: words with their places, in the
/// binary format of `tsvectorsend` (src/backend/utils/adt/tsvector.c): how many words; for each its bytes
/// and a zero, how many places, and each place in two bytes, of which the upper two bits are a weight.
///
/// The server keeps no place beyond 16,383 and at most 256 places of one word; what lies beyond is found
/// as a word, not as part of a phrase.
enum TokenVector {
    private static let furthest = 16_383
    private static let mostPlaces = 255

    static func bytes(_ tokens: String) -> [UInt8] {
        var places: [Substring: [Int]] = [:]
        for (i, token) in tokens.split(separator: " ").enumerated() {
            let place = min(i + 1, furthest)
            if places[token, default: []].last != place { places[token, default: []].append(place) }
        }
        // The order that the server keeps its words in: the shorter first, then by bytes.
        let words = places.sorted {
            ($0.key.utf8.count, Array($0.key.utf8)) < ($1.key.utf8.count, Array($1.key.utf8))
        }
        var out: [UInt8] = []
        withUnsafeBytes(of: Int32(words.count).bigEndian) { out += $0 }
        for (word, places) in words {
            out += word.utf8
            out.append(0)
            let kept = places.prefix(mostPlaces)
            for number in [kept.count] + kept {
                withUnsafeBytes(of: UInt16(number).bigEndian) { out += $0 }
            }
        }
        return out
    }

    static func tokens(_ bytes: UnsafeRawBufferPointer) -> String {
        var at = 4
        func number() -> Int {
            guard at + 1 < bytes.count else { return 0 }
            defer { at += 2 }
            return Int(bytes[at]) << 8 | Int(bytes[at + 1])
        }
        var placed: [(place: Int, word: String)] = []
        while at < bytes.count {
            let start = at
            while at < bytes.count, bytes[at] != 0 { at += 1 }
            let word = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<at]), as: UTF8.self)
            at += 1
            let count = number()
            for _ in 0..<count { placed.append((number() & 0x3FFF, word)) }
        }
        return placed.sorted { ($0.place, $0.word) < ($1.place, $1.word) }.map(\.word).joined(separator: " ")
    }
}

private func < (a: (Int, [UInt8]), b: (Int, [UInt8])) -> Bool {
    a.0 != b.0 ? a.0 < b.0 : a.1.lexicographicallyPrecedes(b.1)
}
