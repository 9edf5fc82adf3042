import Base
import Store

/// Where calendars, holiday sets, priority schemes and policies are kept: each version a row of JSON
/// that never changes, and a stamp that every change raises.
public enum LevelsMigrations {
    public static let all = [
        Migration(
            "levels-001",
            """
            create table level_item (
              kind {text} not null, id {text} not null, version {int} not null, content {text} not null,
              created_at {int} not null, created_by {text}, is_active {int} not null default 1,
              primary key (kind, id, version)
            ) {table};
            create table level_stamp (id {int} not null primary key, stamp {int} not null) {table};
            insert into level_stamp (id, stamp) values (1, 0);
            """),
        // The stamp that a version was made at: the book of any earlier moment can be put together again.
        Migration("levels-002", "alter table level_item add column stamp {int} not null default 0;"),
    ]
}

/// The kinds of item that an administrator keeps.
public enum LevelKind: String, Sendable, CaseIterable {
    case calendar
    case holidaySet = "holiday_set"
    case scheme
    case policy
}

/// One version of an item, as stored.
public struct LevelItem: Sendable {
    public var kind: LevelKind
    public var id: String
    public var version: Int
    public var content: JSON
    public var createdAt: Instant
    public var createdBy: AccountID?
    public var isActive: Bool
    /// The house's stamp when the version was made; 0 where it is not known.
    public var stamp: Int64 = 0
}

extension Transaction {
    /// Adds a version of an item; earlier versions stay as they are. The content is checked by the
    /// caller, who has already made a value of it.
    ///
    /// - Parameter appliesToOpen: open tickets of a policy move to this version; calendars and holiday
    ///   sets concern them anyway, since policies name those by id
    public func addLevelItem(
        _ kind: LevelKind, _ id: String, _ content: JSON, isActive: Bool = true, appliesToOpen: Bool = false
    ) throws -> Int {
        let version =
            Int(try int("select max(version) from level_item where kind = \(kind) and id = \(id)")) + 1
        try run(
            """
            insert into level_item (kind, id, version, content, created_at, created_by, is_active, stamp)
            values (\(kind), \(id), \(version), \(content.text), \(now), \(actor.id), \(isActive),
              (select stamp + 1 from level_stamp where id = 1))
            """)
        try run("update level_stamp set stamp = stamp + 1 where id = 1")
        try record(
            Fact(
                "levels.changed", Subject("level_" + kind.rawValue, id), .internal,
                data: .make([
                    "version": .of(version), "content": content, "is_active": .bool(isActive),
                    "applies_to_open": .bool(appliesToOpen),
                ])))
        return version
    }

    /// All versions of an item, newest first; of all items of a kind where no id is given, each kind's
    /// newest only.
    public func levelItems(_ kind: LevelKind, id: String? = nil) throws -> [LevelItem] {
        let which: SQL =
            id.map { "id = \($0)" }
            ?? "version = (select max(version) from level_item m where m.kind = i.kind and m.id = i.id)"
        return try rows(
            """
            select kind, id, version, content, created_at, created_by, is_active, stamp from level_item i
            where kind = \(kind) and \(which) order by id, version desc
            """, LevelItem.read)
    }
}

extension LevelItem {
    static func read(_ r: inout Row) -> LevelItem {
        LevelItem(
            kind: r.choice(.policy), id: r.text(), version: r.count(), content: r.json(),
            createdAt: r.instant(), createdBy: r.idOrNil(), isActive: r.bool(), stamp: r.int())
    }
}

/// Everything that the clocks need, made ready once per change and shared by all requests.
public final class LevelsBook: Sendable {
    public let calendars: CalendarBook
    /// Every version of every policy.
    public let policies: [ServiceLevelPolicy]
    /// Every version of every priority scheme, newest last.
    public let schemes: [PriorityScheme]
    /// Raised by every change: two books of one stamp are the same.
    public let stamp: Int64
    private let byVersion: [String: ServiceLevelPolicy]
    private let terms = Locked<[String: ClockTerms]>([:])
    private let items: [LevelItem]
    private let shop: CalendarShop
    private let past = Locked<[Int64: LevelsBook]>([:])

    init(_ items: [LevelItem], stamp: Int64, shop: CalendarShop = CalendarShop()) throws {
        self.stamp = stamp
        self.items = items
        self.shop = shop
        let sets = LevelsBook.newest(items, .holidaySet)
        calendars = CalendarBook(
            try LevelsBook.newest(items, .calendar).map { try shop.calendar($0, sets: sets) })
        let endings = Dictionary(
            grouping: items.filter { $0.kind == .policy && !$0.isActive }, by: \.id)
        let versions = try items.filter { $0.kind == .policy }.map { item in
            var policy = try ServiceLevelPolicy(json: item.content)
            policy.version = item.version
            return (item, policy)
        }
        let later = Dictionary(grouping: versions.map(\.1), by: \.id)
        policies = versions.map { item, policy in
            var policy = policy
            // A later version takes over where it begins; an earlier one does not come back behind its end.
            for other in later[policy.id] ?? [] where other.version > policy.version {
                policy.effectiveUntil =
                    policy.effectiveUntil.map { min($0, other.effectiveFrom) } ?? other.effectiveFrom
            }
            // A policy that was ended takes its earlier versions with it.
            if let end = endings[item.id]?.first(where: { $0.version >= item.version })?.createdAt {
                policy.effectiveUntil = policy.effectiveUntil.map { min($0, end) } ?? end
            }
            return policy
        }
        schemes = try items.filter { $0.kind == .scheme }.map { item in
            var scheme = try PriorityScheme(json: item.content)
            scheme.version = item.version
            return scheme
        }
        byVersion = Dictionary(policies.map { ("\($0.id)@\($0.version)", $0) }, uniquingKeysWith: { $1 })
    }

    private static func newest(_ items: [LevelItem], _ kind: LevelKind) -> [LevelItem] {
        Dictionary(grouping: items.filter { $0.kind == kind }, by: \.id).values
            .compactMap { $0.max { $0.version < $1.version } }
    }

    /// The book as it was when the stamp was that high: what a ticket was last evaluated by, and what a
    /// finished one keeps. A stamp of 0 is unknown and means this book.
    public func at(_ stamp: Int64) throws -> LevelsBook {
        if stamp <= 0 || stamp >= self.stamp { return self }
        if let known = past.withLock({ $0[stamp] }) { return known }
        let made = try LevelsBook(items.filter { $0.stamp <= stamp }, stamp: stamp, shop: shop)
        past.withLock { all in
            if all.count >= 32 { all.removeAll() }
            all[stamp] = made
        }
        return made
    }

    /// The policy in the version that a ticket froze; nil where there is none, as for imported ones.
    public func policy(_ id: String, version: Int) -> ServiceLevelPolicy? { byVersion["\(id)@\(version)"] }

    /// The closest policy in force at the time received.
    public func closest(
        catalogueItem: String? = nil, project: String?, contract: String? = nil, receivedAt: Instant
    ) throws -> ServiceLevelPolicy {
        guard
            let found = policies.closest(
                catalogueItem: catalogueItem, project: project, contract: contract, receivedAt: receivedAt)
                // Tickets taken over from before the first policy are measured by that one.
                ?? policies.filter({ $0.scope == .house }).min(by: { $0.effectiveFrom < $1.effectiveFrom })
        else { throw Failure.conflict("levels.no_policy") }
        return found
    }

    /// A policy version made ready for the clock, kept for the next request.
    public func terms(_ policy: ServiceLevelPolicy, category: String?) throws -> ClockTerms {
        let key = "\(policy.id)@\(policy.version)/\(category ?? "")"
        if let known = terms.withLock({ $0[key] }) { return known }
        let made = try ClockTerms(policy, category: category, calendars: calendars)
        terms.withLock { $0[key] = made }
        return made
    }

    /// The newest version of the scheme of that id.
    public func scheme(_ id: String = "standard") throws -> PriorityScheme {
        guard let found = schemes.last(where: { $0.id == id }) ?? schemes.last else {
            throw Failure.conflict("levels.no_scheme")
        }
        return found
    }
}

/// Calendars made ready, shared by the books of all moments: most edits change none of them.
final class CalendarShop: Sendable {
    private let made = Locked<[String: WorkCalendar]>([:])

    func calendar(_ item: LevelItem, sets: [LevelItem]) throws -> WorkCalendar {
        let definition = try CalendarDefinition(json: item.content)
        let used = sets.filter { definition.holidaySets.contains($0.id) }
        let key = ([item] + used).map { "\($0.id)@\($0.version)" }.joined(separator: "\u{0}")
        if let known = made.withLock({ $0[key] }) { return known }
        let calendar = try WorkCalendar(definition, holidays: used.map { try HolidaySet(json: $0.content) })
        made.withLock { all in
            if all.count >= 64 { all.removeAll() }
            all[key] = calendar
        }
        return calendar
    }
}

/// The area's door for others.
public enum ServiceLevels {
    /// The book as of now: read anew only when the stamp has moved, by this process or another.
    public static func book(_ tx: Transaction) throws -> LevelsBook {
        try tx.kept("levels", of: source) {
            try LevelsBook(
                try tx.rows(
                    """
                    select kind, id, version, content, created_at, created_by, is_active, stamp
                    from level_item
                    order by kind, id, version
                    """, LevelItem.read), stamp: try tx.int(stamp))
        }
    }

    private static let stamp: SQL = "select stamp from level_stamp where id = 1"
    private static let source = KeptSource("levels") { _ in stamp }

    /// What a house begins with: round-the-clock calendar, Table 1 as its policy, impact × commonness.
    public static func seed(_ tx: Transaction) throws {
        guard try tx.int("select stamp from level_stamp where id = 1") == 0 else { return }
        _ = try tx.addLevelItem(.calendar, "24x7", CalendarDefinition.always().json)
        _ = try tx.addLevelItem(.scheme, "standard", try PriorityScheme.standard().json)
        _ = try tx.addLevelItem(.policy, "house", try ServiceLevelPolicy.standard(from: Instant(ms: 0)).json)
    }
}
