import Base
import Store

/// What a house puts around its pages, filled in by the composition: the web kit knows no area.
public struct Chrome: Sendable {
    /// The name of the house, read in the page's transaction.
    public var houseName: @Sendable (Language, Transaction) throws -> String
    /// The main navigation of a person.
    public var navigation: @Sendable (Actor) -> [NavigationGroup]
    /// Counts shown beside navigation entries and on the bell, by key; read in the page's transaction.
    public var counts: @Sendable (Transaction) throws -> [String: Int]
    /// Names of people as the reader of a page reads them, by id.
    public var people: @Sendable (Set<AccountID>, Transaction) throws -> [AccountID: String]

    public init(
        houseName: @escaping @Sendable (Language, Transaction) throws -> String,
        navigation: @escaping @Sendable (Actor) -> [NavigationGroup],
        counts: @escaping @Sendable (Transaction) throws -> [String: Int],
        people: @escaping @Sendable (Set<AccountID>, Transaction) throws -> [AccountID: String] = { _, _ in
            [:]
        }
    ) {
        self.houseName = houseName
        self.navigation = navigation
        self.counts = counts
        self.people = people
    }
}

public struct NavigationGroup: Sendable {
    /// Key of its title.
    public var title: String
    public var entries: [NavigationEntry]
    public init(_ title: String, _ entries: [NavigationEntry]) {
        self.title = title
        self.entries = entries
    }
}

public struct NavigationEntry: Sendable {
    /// Key of its name.
    public var name: String
    public var path: String
    public var icon: Icon
    /// Which count stands beside it.
    public var count: String?
    /// Stays in the bottom bar of a phone.
    public var isFirst: Bool
    public init(_ name: String, _ path: String, _ icon: Icon, count: String? = nil, isFirst: Bool = false) {
        self.name = name
        self.path = path
        self.icon = icon
        self.count = count
        self.isFirst = isFirst
    }
}

/// Finds out who a credential belongs to; the people area answers.
public struct Gatekeeper: Sendable {
    /// In the request's own transaction: a disabled account or an ended post stops the next request.
    public var caller: @Sendable (Credential, Transaction) throws -> Caller?

    public init(caller: @escaping @Sendable (Credential, Transaction) throws -> Caller?) {
        self.caller = caller
    }
}

/// What routes outside a transaction work with.
public struct Kit: Sendable {
    public let store: Store
    public let gatekeeper: Gatekeeper
    public let throttle: Throttle
    public let streams: OpenStreams
    /// Whether cookies are marked Secure: served through TLS by a front.
    public let isSecure: Bool
    /// Whether each answer tells how many statements it took (`X-Statements`): for the bench alone.
    public let tellsStatements: Bool

    public init(
        store: Store, gatekeeper: Gatekeeper,
        streams: OpenStreams = OpenStreams(), isSecure: Bool = false, tellsStatements: Bool = false
    ) {
        self.streams = streams
        self.tellsStatements = tellsStatements
        self.store = store
        self.gatekeeper = gatekeeper
        throttle = Throttle(store: store)
        self.isSecure = isSecure
    }
}

/// The body of a request that is read piece by piece.
public struct Incoming: Sendable {
    /// The next piece; nil at the end. Throws `body.too_large` past the route's limit.
    public let next: @Sendable () async throws -> [UInt8]?
    public init(next: @escaping @Sendable () async throws -> [UInt8]?) { self.next = next }

    /// All of it.
    public func all() async throws -> [UInt8] {
        var out: [UInt8] = []
        while let piece = try await next() { out += piece }
        return out
    }
}

/// The live streams that are open: so many for one account, whose oldest makes room for a newer one,
/// and so many in all. Each costs a look at the data with every change, and all of them wait for it.
public final class OpenStreams: Sendable {
    private struct Open {
        var next: UInt64 = 0
        var streams: [(place: UInt64, account: String, close: @Sendable () -> Void)] = []
    }
    private let open = Locked(Open())
    private let perAccount: Int
    private let inAll: Int

    public init(perAccount: Int = 8, inAll: Int = 1000) {
        self.perAccount = perAccount
        self.inAll = inAll
    }

    /// Takes a place; refuses with 429 where all are taken.
    /// - Parameter close: ends the stream when a newer one of the account takes its place
    public func enter(_ account: String, close: @escaping @Sendable () -> Void) throws -> UInt64 {
        let (place, oldest) = try open.withLock { o -> (UInt64, (@Sendable () -> Void)?) in
            let mine = o.streams.indices.filter { o.streams[$0].account == account }
            var oldest: (@Sendable () -> Void)?
            if let first = mine.first, mine.count >= perAccount {
                oldest = o.streams.remove(at: first).close
            } else if o.streams.count >= inAll {
                throw Failure(.tooMany, "too_many", ["seconds": "60"], retryAfterS: 60)
            }
            o.next += 1
            o.streams.append((o.next, account, close))
            return (o.next, oldest)
        }
        oldest?()
        return place
    }

    public func leave(_ place: UInt64) { open.withLock { $0.streams.removeAll { $0.place == place } } }
}
