import Base

/// What a fact is about: `ticket` and its id, `account` and its id.
public struct Subject: Sendable, Hashable {
    public let kind: String
    public let id: String

    public init(_ kind: String, _ id: String) {
        self.kind = kind
        self.id = id
    }
    public init<K>(_ kind: String, _ id: ID<K>) { self.init(kind, id.text) }
}

/// Something that happened, as the history keeps it and as other areas hear it.
public struct Fact: Sendable {
    /// Public facts may be shown to the customer; internal ones never leave the house.
    public enum Visibility: String, Sendable { case `public`, `internal` }

    public var subject: Subject
    /// Stable, dotted: `ticket.approved`.
    public var kind: String
    public var visibility: Visibility
    public var data: JSON

    public init(
        _ kind: String, _ subject: Subject, _ visibility: Visibility = .internal, data: JSON = .object([])
    ) {
        self.subject = subject
        self.kind = kind
        self.visibility = visibility
        self.data = data
    }
}

/// The end of a chain: its last number and that row's hash.
struct ChainHead {
    var number: Int64
    var hash: [UInt8]
}

/// One row of the history as it is read back.
public struct HistoryRow: Sendable {
    public var subject: Subject
    /// 1, 2, 3 … without a gap for each subject.
    public var number: Int64
    public var at: Instant
    public var actor: AccountID?
    public var actorName: String
    public var kind: String
    public var visibility: Fact.Visibility
    public var data: JSON
    var dataText: String
    var previous: [UInt8]
    var hash: [UInt8]
}

extension Transaction {
    /// Writes a fact into its subject's chained history, and into the outbox where somebody hears it.
    ///
    /// hash = SHA-256(previous hash ‖ canonical row); a canonical row is each field's byte length and
    /// bytes in a fixed order, so that no two rows have the same canonical form. Returns the row's number.
    @discardableResult
    public func record(_ fact: Fact) throws -> Int64 {
        let head = try chainHead(fact.subject)
        let number = (head?.number ?? 0) + 1
        let previous = head?.hash ?? []
        let data = fact.data.text
        let hash = History.hash(
            previous: previous, subject: fact.subject, number: number, at: now, actor: actor.id,
            actorName: actor.name, kind: fact.kind, visibility: fact.visibility, data: data)
        // The head first: of two that write at the same time, the second meets the first here, and is run
        // again, before it takes a number that is taken.
        if head == nil {
            try run(
                """
                insert into chain (subject_kind, subject_id, number, head, changed_at)
                values (\(fact.subject.kind), \(fact.subject.id), \(number), \(hash), \(now))
                """)
        } else {
            try run(
                """
                update chain set number = \(number), head = \(hash), changed_at = \(now)
                where subject_kind = \(fact.subject.kind) and subject_id = \(fact.subject.id)
                """)
        }
        try run(
            """
            insert into history
              (subject_kind, subject_id, number, at, actor_id, actor_name, kind, visibility, data,
               previous, hash)
            values (\(fact.subject.kind), \(fact.subject.id), \(number), \(now), \(actor.id),
              \(actor.name), \(fact.kind), \(fact.visibility), \(data), \(previous), \(hash))
            """)
        heads[fact.subject] = ChainHead(number: number, hash: hash)
        if heard.contains(fact.kind) {
            try run(
                """
                insert into outbox (id, kind, subject_kind, subject_id, number, data, at, state)
                values (\(ID<Fact>.make(at: now)), \(fact.kind), \(fact.subject.kind),
                  \(fact.subject.id), \(number), \(data), \(now), 'waiting')
                """)
        }
        signal(Signal(fact.subject))
        return number
    }

    /// Where a chain ends. What this transaction knows is not asked for: to look for a chain that cannot be
    /// there would set a serialisable writer against everybody who begins one beside it.
    private func chainHead(_ subject: Subject) throws -> ChainHead? {
        if let known = heads[subject] { return known }
        if hasMade(subject.id) { return nil }
        return try first(
            """
            select number, head from chain
            where subject_kind = \(subject.kind) and subject_id = \(subject.id)
            """
        ) { ChainHead(number: $0.int(), hash: $0.blob()) }
    }

    /// The history of a subject, oldest first; only its public rows where asked.
    public func history(
        of subject: Subject, publicOnly: Bool = false, after number: Int64 = 0, limit: Int = 1000
    ) throws -> [HistoryRow] {
        let filter: SQL = publicOnly ? " and visibility = 'public'" : ""
        return try rows(
            """
            \(History.columns) where subject_kind = \(subject.kind) and subject_id = \(subject.id)
              and number > \(number)\(filter) order by number limit \(limit)
            """, History.row)
    }
}

/// The chained history: its canonical form and its proof.
public enum History {
    static let columns: SQL = """
        select subject_kind, subject_id, number, at, actor_id, actor_name, kind, visibility, data,
          previous, hash from history
        """

    static func row(_ r: inout Row) -> HistoryRow {
        let subject = Subject(r.text(), r.text())
        let number = r.int()
        let at = r.instant()
        let actor: AccountID? = r.idOrNil()
        let name = r.text()
        let kind = r.text()
        let visibility = r.choice(Fact.Visibility.internal)
        let data = r.text()
        return HistoryRow(
            subject: subject, number: number, at: at, actor: actor, actorName: name, kind: kind,
            visibility: visibility, data: (try? JSON.parse(data)) ?? .null, dataText: data,
            previous: r.blob(), hash: r.blob())
    }

    static func hash(
        previous: [UInt8], subject: Subject, number: Int64, at: Instant, actor: AccountID?,
        actorName: String, kind: String, visibility: Fact.Visibility, data: String
    ) -> [UInt8] {
        var bytes = previous
        bytes.reserveCapacity(data.utf8.count + 256)
        for field in [
            subject.kind, subject.id, String(number), String(at.ms), actor?.text ?? "", actorName, kind,
            visibility.rawValue, data,
        ] {
            bytes.append(contentsOf: String(field.utf8.count).utf8)
            bytes.append(0x3A)
            bytes.append(contentsOf: field.utf8)
        }
        return Secrets.sha256(bytes)
    }

    /// Recomputes every chain. What is wrong, one sentence each (for `fettle verify`), and how many rows
    /// were checked.
    public static func verify(_ tx: Transaction) throws -> (rows: Int, faults: [String]) {
        var faults: [String] = []
        var count = 0
        var subject: Subject?
        var number: Int64 = 0
        var head: [UInt8] = []
        var heads: [Subject: (Int64, [UInt8])] = [:]
        func close() { if let subject { heads[subject] = (number, head) } }
        try tx.stream("\(columns) order by subject_kind, subject_id, number") { r in
            let row = History.row(&r)
            count += 1
            if row.subject != subject {
                close()
                subject = row.subject
                number = 0
                head = []
            }
            let place = "history \(row.subject.kind) \(row.subject.id) #\(row.number)"
            if row.number != number + 1 { faults.append("\(place): number \(number + 1) is missing") }
            if row.previous != head { faults.append("\(place): does not follow the row before it") }
            let expected = hash(
                previous: row.previous, subject: row.subject, number: row.number, at: row.at,
                actor: row.actor, actorName: row.actorName, kind: row.kind,
                visibility: row.visibility, data: row.dataText)
            if expected != row.hash { faults.append("\(place): was changed after it was written") }
            number = row.number
            head = row.hash
        }
        close()
        try tx.stream("select subject_kind, subject_id, number, head from chain") { r in
            let s = Subject(r.text(), r.text())
            let n = r.int()
            let h = r.blob()
            let place = "chain \(s.kind) \(s.id)"
            guard let known = heads.removeValue(forKey: s) else {
                faults.append("\(place): its history is gone")
                return
            }
            if known.0 != n || known.1 != h { faults.append("\(place): rows at the end are missing") }
        }
        for s in heads.keys { faults.append("chain \(s.kind) \(s.id): has no head") }
        return (count, faults)
    }
}

/// A change that live pages may want to know of, by subject alone: what it says is read anew through
/// the rights of whoever listens.
public struct Signal: Sendable, Hashable {
    public let subject: Subject
    public init(_ subject: Subject) { self.subject = subject }

    /// Something may have been missed: whoever listens looks at everything anew.
    public static let everything = Signal(Subject("everything", ""))

    /// As other processes hear it.
    var word: String { subject.kind + " " + subject.id }
    init?(word: String) {
        let parts = word.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        self.init(Subject(parts[0], parts[1]))
    }
}
