import CPQ
import Foundation
import Store

/// The address of a database: `postgres://user:password@host:port,host2/name?sslmode=verify-full`, read by
/// libpq itself (PostgreSQL 15 documentation, 34.1.1.2).
public struct PostgresAddress: Sendable {
    public static func isOne(_ text: String) -> Bool {
        text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
    }

    /// One of the servers that an address names.
    struct Host: Sendable, Hashable {
        /// Empty for the machine's own socket, or what `PGHOST` says.
        var name: String
        var port: String
    }

    /// The servers, in their order; at least one.
    let hosts: [Host]
    /// Everything else that it says, by libpq's keywords.
    let options: [(name: String, value: String)]
    /// As it may be shown: without password and options.
    public let shown: String

    /// - Throws: `EngineError.unsuitable`, which quotes nothing of the address: a part of it that cannot be
    ///   read may be the password.
    public init(_ url: String) throws {
        let pq = try LibPQ.load()
        var problem: UnsafeMutablePointer<CChar>?
        let parsed = pq.conninfoParse(url.trimmingCharacters(in: .whitespacesAndNewlines), &problem)
        defer { if let problem { pq.freemem(problem) } }
        guard let parsed else { throw Self.unreadable }
        defer { pq.conninfoFree(parsed) }
        var said: [String: String] = [:]
        var next = parsed
        while let keyword = next.pointee.keyword {
            if let value = next.pointee.val { said[String(cString: keyword)] = String(cString: value) }
            next += 1
        }
        let names = said.removeValue(forKey: "host") ?? ""
        let ports = Self.list(said.removeValue(forKey: "port") ?? "")
        let usual = ProcessInfo.processInfo.environment["PGPORT"] ?? "5432"
        hosts = Self.list(names).enumerated().map { i, name in
            // One port is everybody's; a server without one listens on the usual one.
            let port = ports.count == 1 ? ports[0] : i < ports.count ? ports[i] : ""
            return Host(name: name, port: port.isEmpty ? usual : port)
        }
        guard hosts.allSatisfy({ (1...65_535).contains(Int($0.port) ?? 0) }) else { throw Self.unreadable }
        options = said.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let places = hosts.map { h in
            (h.name.contains(":") ? "[\(h.name)]" : h.name) + (h.port == usual ? "" : ":" + h.port)
        }
        shown =
            "postgres://" + (said["user"].map { $0 + "@" } ?? "") + places.joined(separator: ",")
            + (said["dbname"].map { "/" + $0 } ?? "")
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private static let unreadable = EngineError(
        .unsuitable,
        "the address cannot be read; it is postgres://user@host:port/name, and where a password stands in it, "
            + "@ is written %40, : %3A, / %2F, ? %3F, % %25")
}
