import Base
import Foundation
import Logging
import People
import ServiceLifecycle
import Store
import Web

/// A house under test: a fresh store in a folder of its own, a clock that stands still until it is
/// moved, and a real server on a free port of the loopback.
public final class House: Sendable {
    public let store: Store
    public let client: HTTPClient
    /// Time as the server sees it.
    public let clock: TestClock
    public let folder: String
    private let serving: Task<Void, any Error>
    private let trigger: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - migrations: schema of the areas under test
    ///   - around: what stands between the store and its engine
    ///   - dispatcher: puts the areas under test together
    public init(
        at now: Instant = House.morning, migrations: [Migration], heard: Set<String> = [],
        trustedProxies: Set<String> = [], around: (any Engine) -> any Engine = { $0 },
        dispatcher: @escaping @Sendable (Store) -> Dispatcher,
        seed: @escaping @Sendable (Transaction) throws -> Void = { _ in }
    ) async throws {
        let clock = TestClock(now)
        self.clock = clock
        folder = NSTemporaryDirectory() + "fettle-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let engine = around(try await TestEngine.open(folder))
        let store = Store(engine: engine, clock: { clock.now }, heard: heard)
        try await store.migrate(migrations)
        try await store.write(by: .system("test"), seed)
        self.store = store
        let (ports, announce) = AsyncStream<Int>.makeStream()
        let (stops, trigger) = AsyncStream<Void>.makeStream()
        self.trigger = trigger
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let quiet = logger
        let made = dispatcher(store)
        serving = Task {
            let app = Server.application(
                made, .init(host: "127.0.0.1", port: 0, trustedProxies: trustedProxies), logger: quiet
            ) {
                announce.yield($0)
            }
            let group = ServiceGroup(configuration: .init(services: [app], logger: quiet))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                for await _ in stops { break }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
        var port = 0
        for await p in ports {
            port = p
            break
        }
        client = HTTPClient(port: port)
    }

    /// Monday 2026-03-09, 09:00 in Shanghai.
    public static let morning = Instant(ms: 1_773_018_000_000)

    /// Serves on a port of its own, with limits of its own, while the body runs.
    public static func serving(
        _ dispatcher: Dispatcher, _ limits: LineLimits, _ body: @Sendable (HTTPClient) async throws -> Void
    ) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let (ports, announce) = AsyncStream<Int>.makeStream()
        let app = Server.application(
            dispatcher, .init(host: "127.0.0.1", port: 0, limits: limits), logger: logger
        ) { announce.yield($0) }
        let group = ServiceGroup(configuration: .init(services: [app], logger: logger))
        let serving = Task { try await group.run() }
        defer { serving.cancel() }
        for await port in ports {
            try await body(HTTPClient(port: port))
            break
        }
    }

    /// Stops the server and removes the folder.
    public func close() async throws {
        trigger.finish()
        try await serving.value
        await store.engine.close()
        try? FileManager.default.removeItem(atPath: folder)
    }
}

/// A clock that a test moves.
public final class TestClock: Sendable {
    private let value: Locked<Instant>
    public init(_ now: Instant) { value = Locked(now) }
    public var now: Instant { value.withLock { $0 } }
    public func advance(_ span: Span) { value.withLock { $0 = $0 + span } }
    public func set(_ now: Instant) { value.withLock { $0 = now } }
}

/// A caller of the API with a token.
public struct APICaller: Sendable {
    public let client: HTTPClient
    public let token: String

    public init(_ client: HTTPClient, token: String) {
        self.client = client
        self.token = token
    }

    public func get(_ path: String, headers: [(String, String)] = []) async throws -> HTTPClient.Response {
        try await client.send(
            "GET", "/api/v1" + path,
            headers: [("Authorization", "Bearer \(token)"), ("Accept-Language", "en")] + headers)
    }

    public func send(_ method: String, _ path: String, _ body: JSON? = nil, headers: [(String, String)] = [])
        async throws
        -> HTTPClient.Response
    {
        var all = [("Authorization", "Bearer \(token)"), ("Accept-Language", "en")] + headers
        if body != nil { all.append(("Content-Type", "application/json")) }
        return try await client.send(method, "/api/v1" + path, headers: all, body: body?.bytes ?? [])
    }

    public func post(_ path: String, _ body: JSON? = nil, headers: [(String, String)] = []) async throws
        -> HTTPClient.Response
    {
        try await send("POST", path, body, headers: headers)
    }
}
