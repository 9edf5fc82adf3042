import CPQ
import Store

/// The rows of one result, in the binary format; freed with the last reference.
final class PostgresResult {
    let pq: LibPQ
    let raw: OpaquePointer
    let count: Int32

    init(_ raw: OpaquePointer, _ pq: LibPQ) {
        self.raw = raw
        self.pq = pq
        count = pq.ntuples(raw)
    }

    deinit { pq.clear(raw) }

    /// Rows that a statement changed.
    var changed: Int { pq.cmdTuples(raw).flatMap { Int(String(cString: $0)) } ?? 0 }
    var command: String { pq.cmdStatus(raw).map { String(cString: $0) } ?? "" }
}

/// One row of a result.
struct PostgresRow: RowSource {
    let result: PostgresResult
    let row: Int32

    func isNull(_ column: Int) -> Bool { result.pq.getisnull(result.raw, row, Int32(column)) != 0 }

    func int(_ column: Int) -> Int64 {
        let bytes = bytes(column)
        switch result.pq.ftype(result.raw, Int32(column)) {
        case PostgresType.int8, PostgresType.int4, PostgresType.int2, PostgresType.bool:
            guard let first = bytes.first else { return 0 }
            // Big-endian, two's complement of its own width.
            var value: Int64 = bytes.count > 1 && first & 0x80 != 0 ? -1 : 0
            for byte in bytes { value = value << 8 | Int64(byte) }
            return value
        case PostgresType.numeric: return PostgresRow.whole(bytes)
        default: return Int64(String(decoding: bytes, as: UTF8.self)) ?? 0
        }
    }

    func text(_ column: Int) -> String {
        switch result.pq.ftype(result.raw, Int32(column)) {
        case PostgresType.int8, PostgresType.int4, PostgresType.int2, PostgresType.bool, PostgresType.numeric:
            isNull(column) ? "" : String(int(column))
        default: String(decoding: bytes(column), as: UTF8.self)
        }
    }

    func blob(_ column: Int) -> [UInt8] { [UInt8](bytes(column)) }

    func value(_ column: Int) -> Value {
        if isNull(column) { return .null }
        switch result.pq.ftype(result.raw, Int32(column)) {
        case PostgresType.int8, PostgresType.int4, PostgresType.int2, PostgresType.bool, PostgresType.numeric:
            return .int(int(column))
        case PostgresType.bytea: return .blob(blob(column))
        case PostgresType.tsvector: return .text(TokenVector.tokens(bytes(column)))
        default: return .text(text(column))
        }
    }

    private func bytes(_ column: Int) -> UnsafeRawBufferPointer {
        let length = Int(result.pq.getlength(result.raw, row, Int32(column)))
        return UnsafeRawBufferPointer(
            start: result.pq.getvalue(result.raw, row, Int32(column)), count: length)
    }

    /// The whole part of a `numeric`, which sums of `bigint` are: digits of base 10,000 behind a header of
    /// count, weight of the first digit, sign and scale (src/backend/utils/adt/numeric.c, numeric_send).
    static func whole(_ bytes: UnsafeRawBufferPointer) -> Int64 {
        func word(_ i: Int) -> Int {
            Int(Int16(truncatingIfNeeded: Int(bytes[2 * i]) << 8 | Int(bytes[2 * i + 1])))
        }
        guard bytes.count >= 8, bytes.count >= 8 + 2 * max(0, word(0)) else { return 0 }
        let weight = word(1)
        guard weight >= 0 else { return 0 }
        var value: Int64 = 0
        for place in 0...weight {
            let digit = place < word(0) ? Int64(word(4 + place)) : 0
            let (product, over) = value.multipliedReportingOverflow(by: 10_000)
            let (sum, under) = product.addingReportingOverflow(digit)
            if over || under { return word(2) == 0x4000 ? .min : .max }
            value = sum
        }
        return word(2) == 0x4000 ? -value : value
    }
}
