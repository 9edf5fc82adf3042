import CPQ
import Store

/// Values as the line carries them: eight bytes, big end first, for an integer; a text's or blob's own.
enum PostgresValues {
    /// All values in one buffer, each with its length and the mark of the binary format.
    static func with<R>(
        _ values: [Value], _ body: (Int32, LibPQ.Words, LibPQ.Lengths, LibPQ.Lengths) throws -> R
    ) rethrows -> R {
        var bytes: [UInt8] = []
        var places: [Int?] = []
        var lengths: [Int32] = []
        for value in values {
            let start = bytes.count
            append(value, to: &bytes)
            places.append(value == .null ? nil : start)
            lengths.append(Int32(bytes.count - start))
        }
        // An empty buffer has no address, and an empty text is no null.
        bytes.append(0)
        let formats = [Int32](repeating: 1, count: values.count)
        return try bytes.withUnsafeBytes { buffer in
            let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let pointers = places.map { place in place.flatMap { start?.advanced(by: $0) } }
            return try pointers.withUnsafeBufferPointer { p in
                try lengths.withUnsafeBufferPointer { l in
                    try formats.withUnsafeBufferPointer { f in
                        try body(Int32(values.count), p.baseAddress, l.baseAddress, f.baseAddress)
                    }
                }
            }
        }
    }

    private static func append(_ value: Value, to bytes: inout [UInt8]) {
        switch value {
        case .null: break
        case .int(let v): withUnsafeBytes(of: v.bigEndian) { bytes.append(contentsOf: $0) }
        case .text(let s): bytes.append(contentsOf: s.utf8)
        case .blob(let b): bytes.append(contentsOf: b)
        }
    }

    /// Signature, flags and an empty extension (documentation of COPY, "Binary Format").
    static let copyHeader: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0, 0, 0, 0, 0, 0, 0, 0, 0]

    /// One row: how many fields, then each field's length, -1 for null, and bytes.
    static func append(row: [Value], _ types: [UInt32], to bytes: inout [UInt8]) {
        withUnsafeBytes(of: Int16(truncatingIfNeeded: row.count).bigEndian) { bytes.append(contentsOf: $0) }
        for (value, type) in zip(row, types) {
            guard value != .null else {
                bytes += [0xFF, 0xFF, 0xFF, 0xFF]
                continue
            }
            let place = bytes.count
            bytes += [0, 0, 0, 0]
            if type == PostgresType.tsvector, case .text(let tokens) = value {
                bytes += TokenVector.bytes(tokens)
            } else {
                append(value, to: &bytes)
            }
            withUnsafeBytes(of: Int32(truncatingIfNeeded: bytes.count - place - 4).bigEndian) {
                bytes.replaceSubrange(place..<place + 4, with: $0)
            }
        }
    }
}

/// Texts as a list of C strings with a null at its end.
func withWords<R>(_ words: [String], _ body: (LibPQ.Words) -> R) -> R {
    var bytes: [CChar] = []
    var places: [Int] = []
    for word in words {
        places.append(bytes.count)
        bytes.append(contentsOf: word.utf8CString)
    }
    return bytes.withUnsafeBufferPointer { buffer in
        var pointers = places.map { buffer.baseAddress?.advanced(by: $0) }
        pointers.append(nil)
        return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
