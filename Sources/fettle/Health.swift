import Base
import Store
import Tickets
import Web

/// `/healthz`, `/readyz`, `/metrics` and the description of the API.
enum Health {
    static func routes(_ routes: inout Routes) {
        routes.free("GET", "/healthz", surface: .page, door: .everyone) { _, _, _ in .text("ok\n") }
        routes.free("GET", "/readyz", surface: .page, door: .everyone) { _, kit, _ in
            do {
                let state = try await kit.store.read(by: .system("ready")) {
                    try $0.schemaState(Areas.migrations)
                }
                if let obstacle = obstacle(state) { return unready(obstacle) }
                return .text("ready\n")
            } catch {
                return unready("database not reachable")
            }
        }
        routes.free("GET", "/metrics", surface: .page, door: .everyone) { call, kit, _ in
            guard readsMetrics(call) else { throw Failure.notFound() }
            let text = try await kit.store.read(by: .system("metrics")) {
                try metrics($0, listeners: kit.store.hub.listenerCount)
            }
            return .text(text, type: "text/plain; version=0.0.4; charset=utf-8")
        }
        routes.free("GET", "/openapi.json", surface: .api, door: .everyone) { _, _, _ in .json(description) }
    }

    /// What keeps this program from serving with a schema in that state; nil where nothing does. A newer
    /// schema is no obstacle unless one of its steps says so.
    static func obstacle(_ state: SchemaState) -> String? {
        if state.isMoving { return "a world is being moved in" }
        if !state.missing.isEmpty { return "not migrated" }
        return state.isTooNew ? "the schema is of a newer version that this one cannot serve" : nil
    }

    private static func unready(_ why: String) -> Reply {
        Reply(status: 503, headers: [("Retry-After", "5")], body: .bytes(Array((why + "\n").utf8)))
    }

    static let version = "0.1.0"
    private static let description = OpenAPI.document(Areas.routes(), version: version)

    /// Figures about the house are for its own machine, straight and through no proxy, and for those who
    /// administer or audit it.
    private static func readsMetrics(_ call: Call) -> Bool {
        if let actor = call.caller?.actor, actor.has(.administrator) || actor.has(.auditor) { return true }
        let isForwarded = ["x-forwarded-for", "x-forwarded-host", "forwarded", "via"].contains {
            call.headers[$0] != nil
        }
        return !isForwarded && ["127.0.0.1", "::1"].contains(call.remote)
    }

    private static func metrics(_ tx: Transaction, listeners: Int) throws -> String {
        var out = "# TYPE fettle_tickets_open gauge\n"
        try tx.each("select state, count(*) from ticket where is_open = 1 group by state order by state") {
            r in
            out += "fettle_tickets_open{state=\"\(r.text())\"} \(r.int())\n"
        }
        out += "# TYPE fettle_tickets_overdue gauge\nfettle_tickets_overdue "
        out += "\(try tx.int("select count(*) from ticket where is_open = 1 and due_at <= \(tx.now)"))\n"
        out += "# TYPE fettle_outbox_waiting gauge\nfettle_outbox_waiting "
        out += "\(try tx.int("select count(*) from outbox where state = 'waiting'"))\n"
        out += "# TYPE fettle_event_listeners gauge\nfettle_event_listeners \(listeners)\n"
        return out
    }
}
