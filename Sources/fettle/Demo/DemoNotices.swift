import Base
import Store

/// What people do with their notices in the demo world: in the morning they acknowledge what asks for it,
/// and of the rest only the newest are unread.
enum DemoNotices {
    struct Waiting: Sendable {
        var id, account: String
    }

    private static let house = Zone("Asia/Shanghai") ?? .utc
    /// Unread ones that a person has at most, beside those that wait to be acknowledged.
    private static let unread: Int64 = 5

    /// Nine in the morning, at most a day ago.
    static func morning(before t: Instant) -> Instant {
        let wall = house.wall(t)
        let nine = 9 * 3600
        let day = wall.secondOfDay >= nine ? wall.dayNumber : wall.dayNumber - 1
        return house.instant(WallTime(dayNumber: day, secondOfDay: nine))
    }

    /// One of each that nobody has acknowledged: the first of those who were told does it.
    static func waiting(_ store: Store) async throws -> [Waiting] {
        try await store.read(by: .system("demo")) { tx in
            try tx.rows(
                """
                select min(n.id), n.account_id from notice n
                where n.needs_acknowledgement = 1 and n.acknowledged_at is null and n.account_id = (
                  select min(m.account_id) from notice m join account a on a.id = m.account_id
                  where m.ticket_id = n.ticket_id and m.kind = n.kind and m.acknowledged_at is null
                    and a.is_active = 1)
                group by n.account_id, n.ticket_id, n.kind order by 1
                """
            ) { r in Waiting(id: r.text(), account: r.text()) }
        }
    }

    /// All but the newest are read: soon after they came, as far as anybody can tell.
    static func read(_ store: Store) async throws {
        try await store.write(by: .system("demo")) { tx in
            try tx.run(
                """
                update notice set read_at = at where read_at is null
                  and (needs_acknowledgement = 0 or acknowledged_at is not null)
                  and (at < \(tx.now - .days(4)) or (
                    select count(*) from notice n where n.account_id = notice.account_id and n.id > notice.id
                      and n.read_at is null) >= \(unread))
                """)
        }
    }
}
