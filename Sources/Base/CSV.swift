/// Comma-separated values as RFC 4180 has them: a reader fed with chunks of bytes and a writer.
public enum CSV {
    /// What a file may not exceed.
    public struct Limits: Sendable {
        /// Bytes of one field.
        public var fieldBytes = 1 << 20
        /// Bytes of all fields of one row.
        public var rowBytes = 4 << 20
        public var columns = 1000
        public init() {}
    }

    /// Where something begins: both count from 1; the column counts code points of its line.
    public struct Place: Sendable, Equatable {
        public var line: Int
        public var column: Int
        public init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }
        /// As arguments of a failure's sentence.
        public var arguments: [String: String] {
            ["line": String(line), "column": String(column)]
        }
    }

    public struct Row: Sendable, Equatable {
        public var fields: [String]
        /// Where each field begins.
        public var places: [Place]
        /// The line on which the row begins.
        public var line: Int { places.first?.line ?? 0 }
    }

    /// Characters that make a spreadsheet run a cell (OWASP, "CSV Injection"): `= + - @`, tab, CR,
    /// LF, and the full-width forms of the first four.
    static func runs(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠": true
        default: false
        }
    }

    private static func needsGuard(_ text: some StringProtocol) -> Bool {
        text.unicodeScalars.first { $0 != "'" }.map(runs) ?? false
    }

    /// With an apostrophe before text that a spreadsheet would run. Text that already begins with
    /// apostrophes before such a character gets one more, so that `unguarded` always gives back
    /// exactly what was put in.
    public static func guarded(_ text: String) -> String { needsGuard(text) ? "'" + text : text }

    /// Takes the apostrophe of `guarded` off again; other text stays as it is.
    public static func unguarded(_ text: String) -> String {
        guard text.utf8.first == 0x27, needsGuard(text) else { return text }
        return String(text.unicodeScalars.dropFirst())
    }

    // MARK: - Writing

    /// One value of a row to write.
    public enum Cell: Sendable, ExpressibleByStringLiteral {
        /// Guarded against running as a formula.
        case text(String)
        /// A number written by ourselves: left as it is, so that `-5` stays a number.
        case number(String)
        public init(stringLiteral value: String) { self = .text(value) }
    }

    /// Writes UTF-8 with a byte order mark (spreadsheets take it for the encoding) and CRLF.
    public struct Writer: Sendable {
        /// What has been written and not yet been taken.
        public private(set) var bytes: [UInt8]

        public init() { bytes = [0xEF, 0xBB, 0xBF] }

        public mutating func row(_ cells: [Cell]) {
            for (i, cell) in cells.enumerated() {
                if i > 0 { bytes.append(0x2C) }
                switch cell {
                case .text(let s): field(CSV.guarded(s), alone: cells.count == 1)
                case .number(let s): field(s, alone: cells.count == 1)
                }
            }
            bytes.append(0x0D)
            bytes.append(0x0A)
        }

        public mutating func row(_ texts: [String]) { row(texts.map(Cell.text)) }

        /// Gives what has been written so far and forgets it: for files longer than memory.
        public mutating func take() -> [UInt8] {
            defer { bytes.removeAll(keepingCapacity: true) }
            return bytes
        }

        private mutating func field(_ text: String, alone: Bool) {
            // A lone empty field would be a blank line, which readers skip.
            let quoted =
                (alone && text.isEmpty)
                || text.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0D || $0 == 0x0A }
                || text.utf8.first == 0x20 || text.utf8.last == 0x20
            guard quoted else {
                bytes.append(contentsOf: text.utf8)
                return
            }
            bytes.append(0x22)
            for b in text.utf8 {
                if b == 0x22 { bytes.append(0x22) }
                bytes.append(b)
            }
            bytes.append(0x22)
        }
    }
}
