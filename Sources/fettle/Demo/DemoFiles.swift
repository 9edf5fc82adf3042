import Base

/// A small file that somebody attaches: a log, a table, a picture of a reading over time.
struct DemoFile: Sendable {
    var name: String
    var bytes: [UInt8]

    /// One of the three, drawn from the ticket's own data.
    static func any(_ text: DemoContent.Story, _ random: inout SeededRandom) -> DemoFile {
        let kind = Int(random.share() * 3)
        let readings = (0..<48).map { i in
            40 + 18 * wave(i) + (i > 30 ? Double(i - 30) * 1.6 : 0) + random.share(-3, 3)
        }
        switch kind {
        case 0: return log(text, readings)
        case 1: return table(text, readings)
        default: return picture(text, readings)
        }
    }

    private static func subject(_ text: DemoContent.Story) -> String { text.product ?? "station" }

    /// A triangle of period 16 between -1 and 1: looks like a day.
    private static func wave(_ i: Int) -> Double {
        let phase = Double(i % 16) / 8
        return phase < 1 ? 2 * phase - 1 : 3 - 2 * phase
    }

    private static func tenths(_ v: Double) -> String {
        let n = Int((v * 10).rounded())
        return "\(n / 10).\(abs(n % 10))"
    }

    private static func log(_ text: DemoContent.Story, _ readings: [Double]) -> DemoFile {
        var out = "# \(subject(text)) \(text.id) service log\n"
        for (i, v) in readings.enumerated() {
            let level = v > 66 ? "WARN " : "INFO "
            let minute = i % 2 == 0 ? "00" : "30"
            out +=
                "\(i / 2 < 10 ? "0" : "")\(i / 2):\(minute):00 \(level) \(subject(text)) reading=\(tenths(v))\n"
        }
        return DemoFile(name: "\(subject(text).lowercased())-service.log", bytes: Array(out.utf8))
    }

    private static func table(_ text: DemoContent.Story, _ readings: [Double]) -> DemoFile {
        var out = "time,reading\r\n"
        for (i, v) in readings.enumerated() {
            out += "\(i / 2 < 10 ? "0" : "")\(i / 2):\(i % 2 == 0 ? "00" : "30"),\(tenths(v))\r\n"
        }
        return DemoFile(name: "\(subject(text).lowercased())-readings.csv", bytes: Array(out.utf8))
    }

    /// The readings as a curve on a grid: a PNG of three colours, uncompressed.
    private static func picture(_ text: DemoContent.Story, _ readings: [Double]) -> DemoFile {
        let width = 288
        let height = 120
        var rows: [[UInt8]] = (0..<height).map { y in
            (0..<width).map { x in y % 30 == 0 || x % 48 == 0 ? 1 : 0 }
        }
        for x in 0..<width {
            let place = Double(x) / Double(width) * Double(readings.count - 1)
            let i = Int(place)
            let v =
                readings[i] + (readings[min(i + 1, readings.count - 1)] - readings[i]) * (place - Double(i))
            let y = min(max(Int(Double(height) - v * 1.2), 1), height - 2)
            for dy in -1...1 { rows[y + dy][x] = 2 }
        }
        return DemoFile(name: "\(subject(text).lowercased())-trend.png", bytes: PNG.file(rows, width))
    }
}

/// Portable Network Graphics (ISO/IEC 15948), palette of three, stored without compression.
private enum PNG {
    static func file(_ rows: [[UInt8]], _ width: Int) -> [UInt8] {
        var raw: [UInt8] = []
        for row in rows { raw += [0] + row }
        var out: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        out += chunk("IHDR", big(UInt32(width)) + big(UInt32(rows.count)) + [8, 3, 0, 0, 0])
        out += chunk("PLTE", [0xFF, 0xFF, 0xFF, 0xE2, 0xE6, 0xEA, 0x1F, 0x5F, 0xBF])
        out += chunk("IDAT", zlib(raw))
        return out + chunk("IEND", [])
    }

    private static func big(_ v: UInt32) -> [UInt8] {
        [UInt8(v >> 24), UInt8(v >> 16 & 255), UInt8(v >> 8 & 255), UInt8(v & 255)]
    }

    private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + data
        return big(UInt32(data.count)) + body + big(crc(body))
    }

    /// Stored blocks (RFC 1951 § 3.2.4) in a zlib frame (RFC 1950).
    private static func zlib(_ raw: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [0x78, 0x01]
        var from = 0
        repeat {
            let to = min(from + 65_535, raw.count)
            let n = UInt16(to - from)
            out += [to == raw.count ? 1 : 0, UInt8(n & 255), UInt8(n >> 8), UInt8(~n & 255), UInt8(~n >> 8)]
            out += raw[from..<to]
            from = to
        } while from < raw.count
        var a: UInt32 = 1
        var b: UInt32 = 0
        for byte in raw {
            a = (a + UInt32(byte)) % 65_521
            b = (b + a) % 65_521
        }
        return out + big(b << 16 | a)
    }

    private static let table: [UInt32] = (0..<256).map { n in
        (0..<8).reduce(UInt32(n)) { c, _ in c & 1 == 1 ? 0xEDB8_8320 ^ (c >> 1) : c >> 1 }
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(0xFFFF_FFFF) { c, b in table[Int((c ^ UInt32(b)) & 255)] ^ (c >> 8) }
    }
}
