import Base

extension SeededRandom {
    /// Valid input with some bytes changed, taken out, doubled or put in: bytes that parsers trip over.
    public mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var out = bytes
        for _ in 0..<(1 + below(6)) {
            let at = below(out.count)
            switch below(4) {
            case 0 where !out.isEmpty: out[at] = UInt8.random(in: 0...255, using: &self)
            case 1 where !out.isEmpty: out.remove(at: at)
            case 2 where !out.isEmpty:
                let end = min(out.count, at + 1 + below(12))
                out.insert(contentsOf: Array(out[at..<end]), at: at)
            default:
                let odd: [UInt8] = [0x22, 0x0D, 0x0A, 0x2C, 0x2D, 0x00, 0xFF, 0x5C, 0x25, 0x3B]
                out.insert(odd[below(odd.count)], at: at)
            }
        }
        return out
    }

    /// The same for what comes over a line: now and then a header of another's making stands in it, or
    /// its end is cut off.
    public mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var out = mutated(bytes)
        if below(3) == 0 {
            let forged = Array("\r\nX-Evil: 1\r\nSet-Cookie: evil=1\r\n".utf8)
            out.insert(contentsOf: forged, at: below(out.count))
        }
        if below(32) == 0 { out = Array(out.prefix(below(out.count))) }
        return out
    }

    /// The same for one line of a head: no line ends, which would be another request, and valid text.
    public mutating func damagedHeader(_ bytes: [UInt8]) -> String {
        String(decoding: damaged(bytes).filter { $0 != 0x0D && $0 != 0x0A && $0 != 0 }, as: UTF8.self)
    }
}
