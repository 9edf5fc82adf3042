import Base
import Store

/// Counts tries by key and refuses beyond a limit: sign-ins by account and by address.
///
/// A token bucket per key, kept in the store: all nodes of a house count together, and a restart
/// forgives nothing.
public struct Throttle: Sendable {
    /// So many tries at once, of which so many come back each minute.
    public struct Limit: Sendable {
        let key: String
        let burst: Int64
        let perMinute: Int64

        public init(_ key: String, burst: Int64, perMinute: Int64) {
            self.key = key
            self.burst = burst
            self.perMinute = perMinute
        }
    }

    let store: Store

    static let migration = Migration(
        "web-002",
        """
        create table throttle (key {text} not null primary key, left_milli {int} not null, at {int} not null)
        {table};
        create index throttle_at on throttle (at);
        """)

    /// Takes one try of each limit, in order, until one has none left: then 429 `too_many` and when to
    /// retry. What was taken before it stays taken.
    public func take(_ limits: Limit...) async throws {
        let wait = try await store.write(by: .system("throttle")) { tx -> Int64? in
            for limit in limits {
                if let wait = try Throttle.take(limit, tx) { return wait }
            }
            return nil
        }
        if let wait {
            throw Failure(.tooMany, "too_many", ["seconds": String(wait)], retryAfterS: Int(wait))
        }
    }

    /// Seconds to wait where none is left; nil where one was taken.
    private static func take(_ limit: Limit, _ tx: Transaction) throws -> Int64? {
        let kept = try tx.first("select left_milli, at from throttle where key = \(limit.key)") {
            ($0.int(), $0.instant())
        }
        let full = limit.burst * 1000
        var left = full
        if let kept {
            // A day fills every bucket: no product of longer times is needed.
            let passed = min(max(0, (tx.now - kept.1).ms), Span.days(1).ms)
            left = min(full, kept.0 + passed * limit.perMinute / 60)
        }
        guard left >= 1000 else { return ((1000 - left) * 60 / limit.perMinute + 999) / 1000 }
        try tx.run(
            """
            insert into throttle (key, left_milli, at) values (\(limit.key), \(left - 1000), \(tx.now))
            on conflict (key) do update set left_milli = excluded.left_milli, at = excluded.at
            """)
        return nil
    }

    /// Forgets the tries that have long come back.
    static func sweep(_ tx: Transaction) throws {
        try tx.run("delete from throttle where at < \(tx.now - .days(1))")
    }
}

extension Transaction {
    /// A try that succeeded does not count.
    public func giveBackTry(_ key: String) throws {
        try run("update throttle set left_milli = left_milli + 1000 where key = \(key)")
    }

    /// All tries of a key come back: after a success.
    public func forgetTries(_ key: String) throws { try run("delete from throttle where key = \(key)") }
}
