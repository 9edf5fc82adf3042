import Foundation

/// The address of a database: `postgres://user:password@host:port,host2/name?sslmode=verify-full`.
public enum PostgresAddress {
    public static func isOne(_ text: String) -> Bool {
        text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
    }

    /// The address as it may be shown: without password and options.
    public static func shown(_ url: String) -> String {
        guard let scheme = url.range(of: "://") else { return "PostgreSQL" }
        let head = String(url[..<scheme.upperBound])
        let address = String(url[scheme.upperBound...].prefix { $0 != "?" })
        guard let at = address.lastIndex(of: "@") else { return head + address }
        let user = String(address[..<at].prefix { $0 != ":" })
        return head + user + address[at...]
    }

    /// One of the servers that an address names.
    struct Host: Sendable, Hashable {
        var name: String
        var port: String
    }

    /// The servers of an address, in its order; one with an empty name where it names none.
    static func hosts(_ url: String) -> [Host] {
        guard let scheme = url.range(of: "://") else { return [Host(name: "", port: "")] }
        var authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        return authority.split(separator: ",", omittingEmptySubsequences: false).map { one in
            // [::1]:5432 keeps its brackets apart from its port.
            let end = one.lastIndex(of: "]").map { one.index(after: $0) } ?? one.startIndex
            let colon = one[end...].firstIndex(of: ":")
            let name = one[..<(colon ?? one.endIndex)].filter { $0 != "[" && $0 != "]" }
            return Host(
                name: name.removingPercentEncoding ?? String(name),
                port: colon.map { String(one[one.index(after: $0)...]) } ?? "")
        }
    }
}
