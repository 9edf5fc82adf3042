extension CSV {
    /// Reads UTF-8 (with or without byte order mark), lines ended by CRLF, LF or CR, blank lines left
    /// out. Whatever the chunks, the rows are the same.
    ///
    /// Refusals, each with `line` and `column`: `csv.syntax` (a quote in the middle of a bare field,
    /// text after a closing quote, a quote never closed), `csv.nul`, `csv.encoding` (with a guess of
    /// the `encoding`), `csv.columns` (a row of another length than the first), `csv.too_large`,
    /// `csv.too_many_columns`. After a refusal the reader is spent.
    public struct Reader: Sendable {
        private enum State { case fieldStart, bare, quoted, quoteInQuoted }

        private let limits: Limits
        private let delimiter: UInt8
        private let equalColumns: Bool
        private let unguards: Bool

        private var state = State.fieldStart
        private var lead: [UInt8]? = []
        private var field: [UInt8] = []
        private var row = Row(fields: [], places: [])
        private var rowBytes = 0
        private var place = Place(line: 1, column: 1)
        private var fieldPlace = Place(line: 1, column: 1)
        private var lastWasCR = false
        private var columns: Int?

        /// - Parameters:
        ///   - delimiter: an ASCII byte, comma unless said otherwise.
        ///   - equalColumns: refuse a row that is longer or shorter than the first.
        ///   - unguards: take off the apostrophes that `guarded` put on.
        public init(
            limits: Limits = Limits(), delimiter: UInt8 = 0x2C, equalColumns: Bool = true,
            unguards: Bool = true
        ) {
            self.limits = limits
            self.delimiter = delimiter
            self.equalColumns = equalColumns
            self.unguards = unguards
        }

        /// All rows of bytes that are wholly in memory.
        public static func rows(
            of bytes: some Collection<UInt8>, limits: Limits = Limits(), delimiter: UInt8 = 0x2C,
            equalColumns: Bool = true, unguards: Bool = true
        ) throws -> [Row] {
            var reader = Reader(
                limits: limits, delimiter: delimiter, equalColumns: equalColumns, unguards: unguards
            )
            return try reader.feed(Array(bytes)) + reader.finish()
        }

        /// Takes the next bytes and gives the rows that they complete.
        public mutating func feed(_ chunk: [UInt8]) throws -> [Row] {
            var chunk = chunk
            if var start = lead {
                start += chunk
                guard start.count >= 3 else {
                    lead = start
                    return []
                }
                lead = nil
                chunk = try withoutMark(start)
            }
            var out: [Row] = []
            for i in chunk.indices { try take(chunk[i], rest: chunk[i...], into: &out) }
            return out
        }

        /// The end of the file: gives the last row where no line end follows it.
        public mutating func finish() throws -> [Row] {
            var out: [Row] = []
            if let start = lead {
                lead = nil
                let chunk = try withoutMark(start)
                for i in chunk.indices { try take(chunk[i], rest: chunk[i...], into: &out) }
            }
            switch state {
            case .quoted: throw Failure(.malformed, "csv.syntax", fieldPlace.arguments)
            case .fieldStart where row.fields.isEmpty: break
            default: try endRow(rest: [], into: &out)
            }
            return out
        }

        private func withoutMark(_ start: [UInt8]) throws -> [UInt8] {
            if start.starts(with: [0xEF, 0xBB, 0xBF]) { return Array(start.dropFirst(3)) }
            if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) {
                throw encodingFailure(at: place, "UTF-16")
            }
            return start
        }

        private mutating func take(
            _ byte: UInt8, rest: @autoclosure () -> ArraySlice<UInt8>, into out: inout [Row]
        ) throws {
            let secondOfCRLF = lastWasCR && byte == 0x0A
            lastWasCR = byte == 0x0D
            if state == .quoted {
                if byte == 0x22 { state = .quoteInQuoted } else { try append(byte) }
                if byte == 0x0A || byte == 0x0D {
                    if !secondOfCRLF { nextLine() }
                } else {
                    advance(byte)
                }
                return
            }
            switch byte {
            case 0x0A where secondOfCRLF: return
            case 0x0A, 0x0D:
                if state == .fieldStart, row.fields.isEmpty {
                    nextLine()
                } else {
                    try endRow(rest: rest(), into: &out)
                    nextLine()
                }
                fieldPlace = place
                return
            case delimiter:
                try endField(rest: rest())
                advance(byte)
                fieldPlace = place
                return
            case 0x22:
                switch state {
                case .fieldStart: state = .quoted
                case .quoteInQuoted:
                    try append(byte)
                    state = .quoted
                case .bare, .quoted: throw Failure(.malformed, "csv.syntax", place.arguments)
                }
            default:
                guard state != .quoteInQuoted else {
                    throw Failure(.malformed, "csv.syntax", place.arguments)
                }
                state = .bare
                try append(byte)
            }
            advance(byte)
        }

        private mutating func advance(_ byte: UInt8) {
            if byte & 0xC0 != 0x80 { place.column += 1 }
        }

        private mutating func nextLine() {
            place = Place(line: place.line + 1, column: 1)
        }

        private mutating func append(_ byte: UInt8) throws {
            guard byte != 0 else { throw Failure(.malformed, "csv.nul", place.arguments) }
            rowBytes += 1
            guard field.count < limits.fieldBytes, rowBytes <= limits.rowBytes else {
                throw Failure(.tooLarge, "csv.too_large", fieldPlace.arguments)
            }
            field.append(byte)
        }

        private mutating func endField(rest: @autoclosure () -> ArraySlice<UInt8>) throws {
            guard let text = String(validating: field, as: UTF8.self) else {
                throw encodingFailure(at: fieldPlace, Encodings.guess(field + rest().prefix(4096)))
            }
            guard row.fields.count < limits.columns else {
                throw Failure(
                    .tooLarge, "csv.too_many_columns",
                    fieldPlace.arguments.merging(["max": String(limits.columns)]) { a, _ in a })
            }
            row.fields.append(unguards ? CSV.unguarded(text) : text)
            row.places.append(fieldPlace)
            field.removeAll(keepingCapacity: true)
            state = .fieldStart
        }

        private mutating func endRow(
            rest: @autoclosure () -> ArraySlice<UInt8>, into out: inout [Row]
        ) throws {
            try endField(rest: rest())
            let expected = columns ?? row.fields.count
            columns = expected
            guard !equalColumns || row.fields.count == expected else {
                throw Failure(
                    .malformed, "csv.columns",
                    [
                        "line": String(row.line), "column": "1", "expected": String(expected),
                        "found": String(row.fields.count),
                    ])
            }
            out.append(row)
            row = Row(fields: [], places: [])
            row.fields.reserveCapacity(expected)
            row.places.reserveCapacity(expected)
            rowBytes = 0
        }

        private func encodingFailure(at place: Place, _ guess: String) -> Failure {
            Failure(
                .malformed, "csv.encoding",
                place.arguments.merging(["encoding": guess]) { a, _ in a })
        }
    }
}

/// Guesses what bytes are that are not UTF-8, to name it in the refusal. Nothing is ever converted by
/// a guess: text taken for the wrong encoding is worse than a file refused.
enum Encodings {
    /// `GB18030`, `Big5`, or `?`.
    ///
    /// Both are two bytes a character, the first above 0x80. In GB 2312, which holds nearly all of
    /// everyday simplified text, the second lies above 0xA0 too; in Big5 some two in five second
    /// bytes lie in 0x40–0x7E.
    static func guess(_ bytes: [UInt8]) -> String {
        var gb = 0
        var lowTrail = 0
        var wrong = 0
        var i = 0
        while i < bytes.count {
            let a = bytes[i]
            guard a >= 0x80 else {
                i += 1
                continue
            }
            // The last pair may be cut in two by the end of the sample.
            guard i + 1 < bytes.count else { break }
            let b = bytes[i + 1]
            if a == 0x80 || a == 0xFF || b < 0x30 || b == 0x7F || b == 0xFF {
                wrong += 1
                i += 1
            } else if b >= 0xA1 {
                gb += 1
                i += 2
            } else if b >= 0x40, b < 0x7F, a >= 0xA1, a <= 0xF9 {
                lowTrail += 1
                i += 2
            } else if b >= 0x80 || b >= 0x40 {
                gb += 1
                i += 2
            } else {
                // Four bytes of GB 18030: the second and fourth are digits.
                i += 4
            }
        }
        let pairs = gb + lowTrail
        guard pairs > 0, wrong * 10 <= pairs else { return "?" }
        return lowTrail * 5 >= pairs ? "Big5" : "GB18030"
    }
}
