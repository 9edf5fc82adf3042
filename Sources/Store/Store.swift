import Base

/// The door to the data. Everything that is read or written goes through `read` and `write` with an
/// actor; the engine behind it may be a file or a server.
public struct Store: Sendable {
    public let engine: any Engine
    /// The time of each transaction comes from here: the system's in production, a fixed one in tests.
    public let clock: @Sendable () -> Instant
    public let hub: Hub
    let heard: Set<String>
    let cache = StoreCache()

    /// - Parameter heard: fact kinds that the outbox keeps for handlers.
    public init(engine: any Engine, clock: @escaping @Sendable () -> Instant, heard: Set<String> = []) {
        self.engine = engine
        self.clock = clock
        self.heard = heard
        hub = Hub()
    }

    /// Runs a body on one consistent state of the data.
    public func read<T: Sendable>(
        by actor: Actor, _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T {
        let now = clock()
        let dialect = engine.dialect
        let cache = cache
        return try await engine.read { connection in
            try body(
                Transaction(
                    connection: connection, actor: actor, now: now, dialect: dialect, heard: [], cache: cache)
            )
        }
    }

    /// Runs a body in a transaction of its own; returns after the commit is durable. An error undoes
    /// all of it.
    @discardableResult
    public func write<T: Sendable>(
        by actor: Actor, _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T {
        let clock = clock
        let dialect = engine.dialect
        let heard = heard
        let cache = cache
        let (result, signals) = try await engine.write { connection in
            let tx = Transaction(
                connection: connection, actor: actor, now: clock(), dialect: dialect, heard: heard,
                cache: cache)
            let result = try body(tx)
            return (result, tx.signals)
        }
        hub.publish(signals)
        return result
    }
}

/// Passes signals from committed transactions to those who listen inside this process.
public final class Hub: Sendable {
    private let listeners = Locked<[UInt64: AsyncStream<Signal>.Continuation]>([:])
    private let next = Locked<UInt64>(0)

    init() {}

    /// A stream of what changes from now on; drops the oldest beyond 256 unread, since a listener reads
    /// the present state anyway. Ends when its task ends.
    public func listen() -> AsyncStream<Signal> {
        let key = next.withLock {
            $0 += 1
            return $0
        }
        return AsyncStream(bufferingPolicy: .bufferingNewest(256)) { continuation in
            listeners.withLock { $0[key] = continuation }
            continuation.onTermination = { [weak self] _ in
                _ = self?.listeners.withLock { $0.removeValue(forKey: key) }
            }
        }
    }

    public var listenerCount: Int { listeners.withLock { $0.count } }

    func publish(_ signals: [Signal]) {
        guard !signals.isEmpty else { return }
        let all = listeners.withLock { Array($0.values) }
        for continuation in all { for s in signals { continuation.yield(s) } }
    }
}

/// Values kept between transactions by name, with the stamp of the source they were made from.
public final class StoreCache: Sendable {
    private let kept = Locked<[String: (stamp: Int64, value: any Sendable)]>([:])

    public init() {}

    /// The kept value where its stamp is still the source's, else a new one.
    public func value<T: Sendable>(_ name: String, stamp: Int64, make: () throws -> T) rethrows -> T {
        if let known = kept.withLock({ $0[name] }), known.stamp == stamp, let value = known.value as? T {
            return value
        }
        let made = try make()
        kept.withLock { $0[name] = (stamp, made) }
        return made
    }
}
