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
    private let peers = Peers()

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
        _ kind: WriteKind = .usual, by actor: Actor, _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T {
        let clock = clock
        let dialect = engine.dialect
        let heard = heard
        let cache = cache
        let (result, signals) = try await engine.write(kind) { connection in
            let tx = Transaction(
                connection: connection, actor: actor, now: clock(), dialect: dialect, heard: heard,
                cache: cache)
            let result = try body(tx)
            return (result, tx.signals)
        }
        hub.publish(signals)
        if dialect.hasPeers { peers.tell(signals, engine) }
        return result
    }

    /// Passes on what other processes at the same database announce, until the task ends.
    public func hearPeers() async {
        for await word in engine.announcements() {
            hub.publish([word.flatMap(Signal.init(word:)) ?? .everything])
        }
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

/// Tells the other processes what changed: one message for all that came together while the one before
/// it was under way.
private final class Peers: Sendable {
    private struct Waiting {
        var words: [String] = []
        var isTelling = false
    }
    private let waiting = Locked(Waiting())

    func tell(_ signals: [Signal], _ engine: any Engine) {
        guard !signals.isEmpty else { return }
        let start = waiting.withLock { w in
            for word in signals.map(\.word) where !w.words.contains(word) { w.words.append(word) }
            defer { w.isTelling = true }
            return !w.isTelling
        }
        guard start else { return }
        Task {
            while let words = next() { await engine.announce(words) }
        }
    }

    private func next() -> [String]? {
        waiting.withLock { w in
            guard !w.words.isEmpty else {
                w.isTelling = false
                return nil
            }
            defer { w.words = [] }
            return w.words
        }
    }
}

/// What kept values are made from: stored settings and the stamp that moves with every change of them.
public struct KeptSource: Sendable {
    let name: String
    /// Selects one integer.
    let stamp: @Sendable (_ now: Instant) -> SQL

    public init(_ name: String, stamp: @escaping @Sendable (_ now: Instant) -> SQL) {
        self.name = name
        self.stamp = stamp
    }
}

/// Values made ready from stored settings and kept between transactions, each with the stamp of the
/// source it was made from. Asked through `Transaction.kept`.
final class StoreCache: Sendable {
    private struct Kept {
        var sources: [KeptSource] = []
        var values: [String: (stamp: Int64, value: any Sendable)] = [:]
    }
    private let kept = Locked(Kept())

    /// Every source known so far, this one among them.
    func sources(with source: KeptSource) -> [KeptSource] {
        kept.withLock { k in
            if !k.sources.contains(where: { $0.name == source.name }) { k.sources.append(source) }
            return k.sources
        }
    }

    func value(_ name: String, stamp: Int64) -> (any Sendable)? {
        guard let known = kept.withLock({ $0.values[name] }), known.stamp == stamp else { return nil }
        return known.value
    }

    func keep(_ name: String, stamp: Int64, _ value: any Sendable) {
        kept.withLock { $0.values[name] = (stamp, value) }
    }
}

extension Transaction {
    /// A value made ready from stored settings: the kept one where its source's stamp has not moved.
    ///
    /// The stamps of all kept values are read together, by one statement a transaction; whatever the
    /// transaction writes makes it read them again. What it makes from its own writes is not kept: they
    /// may still be undone.
    public func kept<T: Sendable>(_ name: String, of source: KeptSource, _ make: () throws -> T) throws -> T {
        if stamps[source.name] == nil {
            let sources = cache.sources(with: source)
            let all = sources.map { "(\($0.stamp(now)))" as SQL }.joined(", ")
            try each("select \(all)") { r in for source in sources { stamps[source.name] = r.int() } }
        }
        let stamp = stamps[source.name] ?? 0
        if let value = cache.value(name, stamp: stamp) as? T { return value }
        let made = try make()
        if !hasWritten { cache.keep(name, stamp: stamp, made) }
        return made
    }
}
