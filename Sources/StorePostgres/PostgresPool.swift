import Base
import NIOPosix
import Store

/// Which of the servers that an address names takes the writes now.
///
/// A server that was replaced may come back and still believe itself the first: it belongs to an older
/// timeline than the one that took over, and is left alone.
final class PostgresServers: Sendable {
    private struct Known {
        var timeline = 0
        var last: PostgresAddress.Host?
    }
    private let address: PostgresAddress
    private let pq: LibPQ
    private let known = Locked(Known())

    init(_ address: PostgresAddress, _ pq: LibPQ) {
        self.address = address
        self.pq = pq
    }

    /// Whether nobody of a later timeline has been met since.
    func isCurrent(_ connection: PostgresConnection) -> Bool {
        connection.isAlive && connection.timeline >= known.withLock { $0.timeline }
    }

    /// Asks the server that served last, then the others; where none is known yet, all of them, and takes
    /// the one of the latest timeline.
    func connect() throws -> PostgresConnection {
        let last = known.withLock { $0.last }
        let order = (last.map { [$0] } ?? []) + address.hosts.filter { $0 != last }
        var found: (host: PostgresAddress.Host, connection: PostgresConnection)?
        var problems: [EngineError] = []
        for host in order {
            do {
                let one = try PostgresConnection(address, host, pq)
                if one.timeline > found?.connection.timeline ?? -1 { found = (host, one) }
                if last != nil, isCurrent(one) { break }
            } catch let error as EngineError { problems.append(error) }
        }
        guard let found else { throw PostgresServers.none(problems, hadOne: last != nil) }
        let isStale = known.withLock { k in
            if found.connection.timeline < k.timeline { return true }
            k.timeline = found.connection.timeline
            k.last = found.host
            return false
        }
        guard !isStale else {
            throw EngineError(.unavailable, "only a server that was replaced answers: \(found.host.name)")
        }
        return found.connection
    }

    /// At the start a mistake in the address is told before a server that is merely away. Later there is
    /// no mistake: a name that is known no more, or a password that was changed, is mended by waiting.
    private static func none(_ problems: [EngineError], hadOne: Bool) -> EngineError {
        if !hadOne, let mistake = problems.first(where: { $0.kind == .unsuitable }) { return mistake }
        var said: [String] = []
        for problem in problems where !said.contains(problem.message) { said.append(problem.message) }
        return EngineError(.unavailable, said.joined(separator: "; "))
    }
}

/// At most so many connections, as many threads; a job takes a thread and a connection that is free, or
/// makes one. What broke is thrown away and made anew when it is asked for.
final class PostgresPool: Sendable {
    private let servers: PostgresServers
    private let free = Locked<[Held]>([])
    private let threads: NIOThreadPool

    /// A connection between two jobs: nobody else has it.
    struct Held: @unchecked Sendable {
        let connection: PostgresConnection
    }

    init(_ address: PostgresAddress, size: Int, _ pq: LibPQ) {
        servers = PostgresServers(address, pq)
        threads = NIOThreadPool(numberOfThreads: size)
        threads.start()
    }

    /// Runs a body with a connection on a thread of the pool.
    func run<T: Sendable>(_ body: @escaping @Sendable (Lease) throws -> T) async throws -> T {
        try await threads.runIfActive { [self] in
            let lease = Lease(self)
            defer { lease.giveBack() }
            return try body(lease)
        }
    }

    func close() async {
        try? await threads.shutdownGracefully()
        free.withLock { $0.removeAll() }
    }

    private func take() throws -> PostgresConnection {
        while let held = free.withLock({ $0.popLast() }) {
            if servers.isCurrent(held.connection) { return held.connection }
        }
        return try servers.connect()
    }

    /// A connection of its own, outside the pool.
    func another() throws -> PostgresConnection { try servers.connect() }

    /// A job's hold on a connection; takes another where the first one broke.
    final class Lease {
        private let pool: PostgresPool
        private var held: PostgresConnection?

        init(_ pool: PostgresPool) { self.pool = pool }

        func connection() throws -> PostgresConnection {
            if let held, pool.servers.isCurrent(held) { return held }
            held = nil
            let taken = try pool.take()
            held = taken
            return taken
        }

        /// A connection that the pool doesn't get back.
        func keep() throws -> PostgresConnection {
            defer { held = nil }
            return try connection()
        }

        /// This one broke, and those that lie idle were made for the same server: a line that it has ended
        /// still looks whole until it is used.
        func drop() {
            held = nil
            var idle: [Held] = []
            pool.free.withLock { swap(&$0, &idle) }
            // They end here: to end a line is to talk to its server, which nobody shall wait for in the lock.
            idle.removeAll()
        }

        fileprivate func giveBack() {
            guard let held, held.isAlive else { return }
            pool.free.withLock { $0.append(Held(connection: held)) }
        }
    }
}
