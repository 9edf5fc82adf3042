import Base

/// How far into a list a request asks: `limit`, and the `cursor` of the page before.
public struct Paging: Sendable {
    /// Rows of one page, 1 to 200; 50 where nothing is said.
    public var limit: Int
    public var cursor: String?

    public init(limit: Int = 50, cursor: String? = nil) {
        self.limit = limit
        self.cursor = cursor
    }

    public init(_ read: inout FieldReader) {
        limit = read.optionalInt("limit", 1...200).map { Int($0) } ?? 50
        cursor = read.optionalText("cursor", max: 1000)
    }
}

/// A list that is read by key, page by page. Its cursors are bound to the list, to who reads it and to
/// what it is narrowed by.
public struct Listing: Sendable {
    private let bound: String
    private let paging: Paging

    public init(_ name: String, _ paging: Paging, narrowedBy filters: [String?] = [], _ call: Call) {
        self.paging = paging
        // What is absent differs from what is empty.
        bound = ([name, call.caller?.login ?? ""] + filters.map { $0 ?? "\u{1}" }).joined(separator: "\u{0}")
    }

    /// Rows to be asked for: one more than are shown tells whether there are more.
    public var asked: Int { paging.limit + 1 }

    /// The keys of the last row of the page before; nil on the first page.
    /// - Throws: `cursor.invalid`
    public func after(_ count: Int) throws -> [String]? {
        try paging.cursor.map { try Cursor.read($0, bound: bound, count: count) }
    }

    /// What is shown of the rows that were found, and the cursor behind it.
    public func page<T: Sendable>(_ found: [T], _ keys: (T) -> [String]) -> Page<T> {
        let shown = Array(found.prefix(paging.limit))
        let next = found.count > paging.limit ? shown.last.map { Cursor.make(keys($0), bound: bound) } : nil
        return Page(items: shown, nextCursor: next)
    }
}

extension Page {
    /// The same page of what its items become.
    public func map<R: Sendable>(_ body: (T) throws -> R) rethrows -> Page<R> {
        Page<R>(items: try items.map(body), nextCursor: nextCursor)
    }
}
