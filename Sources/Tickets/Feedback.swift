import Base
import Store
import Web

/// Feedback that is no ticket: praise, a complaint, a suggestion. It has an owner and a response clock
/// of its own (`process`: edge cases).
public struct Feedback: Sendable {
    public enum Kind: String, Sendable, CaseIterable, Codable {
        case praise, complaint, suggestion
        var nameKey: String { "feedback.kind.\(rawValue)" }
    }

    public var id: ID<Feedback>
    public var kind: Kind
    public var text: String
    public var author: AccountID?
    public var authorName: String
    public var organization: OrganizationID?
    public var organizationName: String?
    public var owner: AccountID?
    public var ownerName: String?
    public var at: Instant
    /// When an answer is due at the latest: the close of the n-th working day.
    public var dueAt: Instant
    public var answer: String?
    public var answeredAt: Instant?
    public var answeredByName: String?

    /// Whether the answer came in time; nil while there is still time.
    public func met(at now: Instant) -> Bool? {
        if let answeredAt { return answeredAt <= dueAt }
        return now > dueAt ? false : nil
    }
}

/// The tables of feedback.
public enum FeedbackMigrations {
    public static let all = [
        Migration(
            "feedback-001",
            """
            create table feedback (
              id {text} not null primary key, kind {text} not null, content {text} not null,
              author_id {text}, author_name {text} not null, organization_id {text}, owner_id {text},
              at {int} not null, due_at {int} not null, answer {text}, answered_at {int},
              answered_by {text}, answered_by_name {text}
            ) {table};
            create index feedback_organization on feedback (organization_id, id);
            create index feedback_owner on feedback (owner_id, answered_at, due_at);
            create index feedback_author on feedback (author_id, id);
            """)
    ]
}

struct NewFeedback: Command {
    var kind: Feedback.Kind?
    var text: String
    init(_ read: inout FieldReader) {
        kind = read.choice("kind")
        text = read.text("text", max: 4000, lines: true)
    }
}

struct FeedbackAnswer: Command {
    var text: String
    init(_ read: inout FieldReader) { text = read.text("text", max: 4000, lines: true) }
}

/// The use cases of feedback; each inside the caller's transaction.
enum FeedbackBook {
    /// Setting: working days within which somebody answers.
    static let targetSetting = "feedback_working_days"
    static let standardTarget = 2
    /// Who may answer besides the owner.
    static let answerers = Roles([.serviceManager, .management])

    /// What the actor sees: of the own organisation, written by oneself, owned by oneself; all for those
    /// who serve all.
    static func visible(to actor: Actor) -> SQL {
        if actor.isStaff, actor.hasAny(TicketAccess.all) { return "1 = 1" }
        let own: SQL = "f.author_id = \(actor.id?.text ?? "") or f.owner_id = \(actor.id?.text ?? "")"
        guard actor.has(.customer), !actor.isStaff, let home = actor.organization else { return "(\(own))" }
        return "(\(own) or f.organization_id = \(home))"
    }

    /// 403 before anything of the content is looked at.
    static func give(_ content: () throws -> NewFeedback, _ tx: Transaction) throws -> Feedback {
        guard let me = tx.actor.id, !tx.actor.has(.supplier) else { throw Failure.forbidden() }
        let new = try content()
        let id: ID<Feedback> = tx.makeID()
        let owner = try owner(tx)
        let due = try due(tx)
        let home = tx.actor.isStaff ? nil : tx.actor.organization
        try tx.run(
            """
            insert into feedback (id, kind, content, author_id, author_name, organization_id, owner_id, at, due_at)
            values (\(id), \(new.kind ?? .suggestion), \(new.text), \(me), \(tx.actor.name), \(home), \(owner),
              \(tx.now), \(due))
            """)
        try tx.record(
            Fact(
                "feedback.given", Subject("feedback", id), .public,
                data: .make(["kind": .string((new.kind ?? .suggestion).rawValue), "text": .string(new.text)]))
        )
        if let owner, owner != me { try notify(owner, "feedback.given", needsAcknowledgement: true, tx) }
        return try one(id, tx)
    }

    /// Answers and so stops the clock; once. 403 for whoever is neither its owner nor serves all.
    static func answer(_ id: ID<Feedback>, _ input: () throws -> FeedbackAnswer, _ tx: Transaction) throws
        -> Feedback
    {
        let found = try one(id, tx)
        let isOwner = found.owner != nil && found.owner == tx.actor.id
        guard isOwner || (tx.actor.isStaff && tx.actor.hasAny(answerers)) else { throw Failure.forbidden() }
        guard found.answeredAt == nil else { throw Failure.conflict("feedback.answered") }
        let answer = try input()
        try tx.run(
            """
            update feedback set answer = \(answer.text), answered_at = \(tx.now), answered_by = \(tx.actor.id),
              answered_by_name = \(tx.actor.name) where id = \(id) and answered_at is null
            """)
        try tx.record(
            Fact(
                "feedback.answered", Subject("feedback", id), .public,
                data: .make(["text": .string(answer.text)])))
        if let author = found.author, author != tx.actor.id { try notify(author, "feedback.answered", tx) }
        return try one(id, tx)
    }

    static func one(_ id: ID<Feedback>, _ tx: Transaction) throws -> Feedback {
        let found = try tx.first("\(select) where f.id = \(id) and \(visible(to: tx.actor))", read)
        guard let found else { throw Failure.notFound("feedback.not_found") }
        return found
    }

    /// Unanswered first, the soonest due on top; then the answered ones, newest first.
    static func list(openOnly: Bool, before: String?, limit: Int, _ tx: Transaction) throws -> [Feedback] {
        var conditions = [visible(to: tx.actor)]
        if openOnly { conditions.append("f.answered_at is null") }
        if let before { conditions.append("f.id < \(before)") }
        return try tx.rows(
            "\(select) where \(conditions.joined(" and ")) order by f.id desc limit \(limit)", read)
    }

    /// Whoever of the service managers has the fewest open ones.
    private static func owner(_ tx: Transaction) throws -> AccountID? {
        let all = try TicketPeople.holders(of: .serviceManager, tx)
        let counts = Dictionary(
            try tx.rows(
                """
                select owner_id, count(*) from feedback where answered_at is null
                  and owner_id in \(list: all.map(\.text)) group by owner_id
                """
            ) { ($0.id(AccountKind.self), $0.count()) }, uniquingKeysWith: { a, _ in a })
        return all.min { (counts[$0] ?? 0, $0) < (counts[$1] ?? 0, $1) }
    }

    /// The close of the n-th working day, Monday to Friday of the house's zone.
    private static func due(_ tx: Transaction) throws -> Instant {
        let set = try tx.first(
            """
            select value from setting where name = \(targetSetting) and effective_from <= \(tx.now)
            order by version desc limit 1
            """
        ) { $0.json().int }
        let zone = try TicketHouse.zone(tx)
        var left = Int(min(30, max(1, set.flatMap { $0 } ?? Int64(standardTarget))))
        var day = zone.wall(tx.now).dayNumber
        while left > 0 {
            day += 1
            if (1...5).contains(CivilDate.weekday(dayNumber: day)) { left -= 1 }
        }
        return zone.instant(WallTime(dayNumber: day, secondOfDay: 18 * 3600))
    }

    private static func notify(
        _ account: AccountID, _ kind: String, needsAcknowledgement: Bool = false, _ tx: Transaction
    ) throws {
        try tx.run(
            """
            insert into notice (id, account_id, ticket_id, kind, data, at, needs_acknowledgement)
            values (\(ID<Notice>.make(at: tx.now)), \(account), null, \(kind), '{}', \(tx.now), \(needsAcknowledgement))
            """)
        tx.signal(Signal(Subject("notices", account)))
    }

    private static let select: SQL = """
        select f.id, f.kind, f.content, f.author_id, f.author_name, f.organization_id, o.name, o.name_en,
          f.owner_id, w.name, f.at, f.due_at, f.answer, f.answered_at, f.answered_by_name
        from feedback f left join organization o on o.id = f.organization_id
          left join account w on w.id = f.owner_id
        """

    private static func read(_ r: inout Row) -> Feedback {
        var f = Feedback(
            id: r.id(), kind: r.choice(.suggestion), text: r.text(), author: r.idOrNil(),
            authorName: r.text(),
            organization: r.idOrNil(), at: Instant(ms: 0), dueAt: Instant(ms: 0))
        let name = r.textOrNil()
        let latin = r.textOrNil()
        f.organizationName = name ?? latin
        f.owner = r.idOrNil()
        f.ownerName = r.textOrNil()
        f.at = r.instant()
        f.dueAt = r.instant()
        f.answer = r.textOrNil()
        f.answeredAt = r.instantOrNil()
        f.answeredByName = r.textOrNil()
        return f
    }
}
