import Base

/// The daily seal: one hash over all chain heads that changed since the last, chained to the last. An
/// exported seal proves later that nothing it covers was changed, not even by somebody who could
/// write to the database and recompute every chain in it.
public struct Seal: Sendable, Equatable {
    /// The head of one subject's chain at the time of the seal.
    public struct Head: Sendable, Equatable {
        public var subject: Subject
        public var number: Int64
        public var hash: [UInt8]
    }

    /// 1, 2, 3 … without a gap.
    public var number: Int64
    public var at: Instant
    public var heads: [Head]
    public var previous: [UInt8]
    public var hash: [UInt8]

    /// SHA-256(previous ‖ number ‖ time ‖ heads), each field with its length before it.
    static func hash(number: Int64, at: Instant, heads: [Head], previous: [UInt8]) -> [UInt8] {
        var bytes = previous
        for field in [String(number), String(at.ms)]
            + heads.flatMap({ head in
                [head.subject.kind, head.subject.id, String(head.number), Secrets.hex(head.hash)]
            })
        {
            bytes.append(contentsOf: String(field.utf8.count).utf8)
            bytes.append(0x3A)
            bytes.append(contentsOf: field.utf8)
        }
        return Secrets.sha256(bytes)
    }

    /// Writes the next seal over what changed since the last one, or over everything.
    /// - Parameter since: of the last seal that the reader holds, where it is older than the stored one.
    @discardableResult
    public static func make(
        everything: Bool = false, since: Instant? = nil, _ tx: Transaction
    ) throws -> Seal {
        let last = try tx.first("select number, at, hash from seal order by number desc limit 1") {
            ($0.int(), $0.instant(), $0.blob())
        }
        // From the instant of the last seal on: what changed in that very millisecond is in both.
        let from = everything ? Instant.earliest : min(since ?? .latest, last?.1 ?? .earliest)
        let heads = try tx.rows(
            """
            select subject_kind, subject_id, number, head from chain where changed_at >= \(from)
            order by subject_kind, subject_id
            """
        ) { Head(subject: Subject($0.text(), $0.text()), number: $0.int(), hash: $0.blob()) }
        let number = (last?.0 ?? 0) + 1
        let previous = last?.2 ?? []
        let seal = Seal(
            number: number, at: tx.now, heads: heads, previous: previous,
            hash: hash(number: number, at: tx.now, heads: heads, previous: previous))
        try tx.run(
            """
            insert into seal (number, at, subjects, previous, hash)
            values (\(number), \(tx.now), \(heads.count), \(previous), \(seal.hash))
            """)
        return seal
    }

    /// Whether the stored seals follow each other without a gap.
    public static func verify(_ tx: Transaction) throws -> (seals: Int, faults: [String]) {
        var faults: [String] = []
        var number: Int64 = 0
        var hash: [UInt8] = []
        try tx.stream("select number, previous, hash from seal order by number") { r in
            let n = r.int()
            if n != number + 1 { faults.append("seal \(n): seal \(number + 1) is missing") }
            if r.blob() != hash { faults.append("seal \(n): does not follow the seal before it") }
            number = n
            hash = r.blob()
        }
        return (Int(number), faults)
    }

    /// What of an exported seal is no longer true in the store, one sentence each.
    public func faults(_ tx: Transaction) throws -> [String] {
        var faults: [String] = []
        if Seal.hash(number: number, at: at, heads: heads, previous: previous) != hash {
            return ["seal \(number): the file was changed after it was written"]
        }
        let stored = try tx.first("select hash from seal where number = \(number)") { $0.blob() }
        if stored != hash { faults.append("seal \(number): the store has another one or none") }
        for head in heads {
            let now = try tx.first(
                """
                select hash from history where subject_kind = \(head.subject.kind)
                  and subject_id = \(head.subject.id) and number = \(head.number)
                """
            ) { $0.blob() }
            if now != head.hash {
                faults.append(
                    "history \(head.subject.kind) \(head.subject.id) #\(head.number): not what seal "
                        + "\(number) holds")
            }
        }
        return faults
    }

    /// Seals of one file: those that do not stand in their order.
    public static func gaps(_ seals: [Seal]) -> [String] {
        zip(seals, seals.dropFirst()).compactMap { a, b in
            b.number > a.number ? nil : "seal \(b.number): stands after seal \(a.number)"
        }
    }

    // MARK: As lines of JSON

    /// A line for the seal and one for each head.
    public func write(_ line: (String) throws -> Void) rethrows {
        try line(
            JSON.make([
                "seal": .int(number), "at": .of(at), "at_ms": .int(at.ms),
                "subjects": .of(heads.count), "previous": .string(Secrets.hex(previous)),
                "hash": .string(Secrets.hex(hash)),
            ]).text)
        for head in heads {
            try line(
                JSON.make([
                    "kind": .string(head.subject.kind), "id": .string(head.subject.id),
                    "number": .int(head.number), "head": .string(Secrets.hex(head.hash)),
                ]).text)
        }
    }

    /// The seals of an exported file.
    /// - Throws: `seal.file` with the line that is none of `write`'s.
    public static func read(lines: some Sequence<String>) throws -> [Seal] {
        var out: [Seal] = []
        var missing: Int64 = 0
        for (i, line) in lines.enumerated() where !line.isEmpty {
            let wrong = Failure(.malformed, "seal.file", ["line": String(i + 1), "column": "1"])
            guard let json = try? JSON.parse(line) else { throw wrong }
            if let number = json["seal"]?.int {
                guard missing == 0, let at = json["at_ms"]?.int, let subjects = json["subjects"]?.int,
                    let previous = bytes(json["previous"]), let hash = bytes(json["hash"])
                else { throw wrong }
                missing = subjects
                out.append(
                    Seal(number: number, at: Instant(ms: at), heads: [], previous: previous, hash: hash))
            } else {
                guard !out.isEmpty, let kind = json["kind"]?.string, let id = json["id"]?.string,
                    let number = json["number"]?.int, let hash = bytes(json["head"]), missing > 0
                else { throw wrong }
                missing -= 1
                out[out.count - 1].heads.append(
                    Head(subject: Subject(kind, id), number: number, hash: hash))
            }
        }
        return out
    }

    private static func bytes(_ json: JSON?) -> [UInt8]? {
        guard let text = json?.string, text.utf8.count % 2 == 0 else { return nil }
        var out: [UInt8] = []
        var high: UInt8?
        for c in text.utf8 {
            let v: UInt8
            switch c {
            case 0x30...0x39: v = c - 0x30
            case 0x61...0x66: v = c - 0x57
            default: return nil
            }
            if let h = high {
                out.append(h << 4 | v)
                high = nil
            } else {
                high = v
            }
        }
        return out
    }
}
