import ArgumentParser
import Base
import Foundation
import Hummingbird
import Logging
import People
import ServiceLifecycle
import Store
import UnixSignals
import Web

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve the pages and the API.")

    @OptionGroup var place: Place
    @Option(help: "Address to listen on.") var host = "127.0.0.1"
    @Option(help: "Port to listen on; 0 takes any that is free.") var port = 8080
    @Flag(help: "Mark cookies Secure: people reach us through TLS.") var secure = false
    @Option(help: "Address of a proxy whose X-Forwarded-For is believed; may be repeated.")
    var trustedProxy: [String] = []

    func validate() throws {
        guard (0...65535).contains(port) else {
            throw ValidationError(Terminal.sentence(Failure(.invalid, "listen.port")))
        }
    }

    func run() async throws {
        try await Terminal.run {
            do { try await serve() } catch {
                throw Server.refusal(error, settings) ?? error
            }
        }
    }

    private var settings: Server.Settings {
        .init(host: host, port: port, trustedProxies: Set(trustedProxy))
    }

    private func serve() async throws {
        let store = try await place.open()
        var logger = Logger(label: "fettle") { OneLineLog(label: $0) }
        logger.logLevel = .notice
        let log = logger
        let state = try await store.read(by: .system("serve")) { try $0.schemaState(Areas.migrations) }
        guard Health.obstacle(state) == nil else { throw Failure(.unavailable, "place.too_new") }
        if !state.newer.isEmpty {
            log.notice("the schema is newer (\(state.newer.joined(separator: ", "))): this version serves on")
        }
        let dispatcher = Composition.dispatcher(store, isSecure: secure) { log.error("\($0)") }
        let host = host
        let application = Server.application(
            dispatcher, settings, logger: logger
        ) { port in
            FileHandle.standardOutput.write(Data("listening on http://\(host):\(port)\n".utf8))
        }
        let runner = Runner(store: store, jobs: Areas.jobs, logger: logger)
        var configuration = ServiceGroupConfiguration(
            services: [application, runner, Peers(store: store)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: configuration).run()
        await store.engine.close()
    }
}

/// Hears what other nodes change, until told to stop.
private struct Peers: Service {
    let store: Store

    func run() async throws {
        await cancelWhenGracefulShutdown { await store.hearPeers() }
        // Where there are no peers, that ends at once.
        try? await gracefulShutdown()
    }
}

/// One way to put the parts together, for serving and for tests.
enum Composition {
    static func dispatcher(_ store: Store, isSecure: Bool = false, log: @escaping @Sendable (String) -> Void)
        -> Dispatcher
    {
        let kit = Kit(
            store: store, gatekeeper: People.gatekeeper(), isSecure: isSecure,
            tellsStatements: ProcessInfo.processInfo.environment["FETTLE_BENCH"] == "1")
        return Dispatcher(routes: Areas.routes(), kit: kit, chrome: Areas.chrome(), log: log)
    }
}
