import Base
import Store

/// The engine's own index: FTS5 over tokens that the analyser made. `detail` stays full, since a
/// Chinese word is a phrase of two-character tokens.
extension Transaction {
    static let searchIndexSQLite: StaticString = """
        create virtual table search_index using fts5 (tokens, tokenize = "unicode61 remove_diacritics 0");
        """

    func indexDocumentSQLite(_ doc: String, ticket: TicketID, visibility: Visibility, tokens: String) throws {
        let known = try first("select row_id from search_doc where doc_id = \(doc)") { $0.int() }
        let row: Int64
        if let known {
            row = known
            try run("update search_doc set visibility = \(visibility) where row_id = \(row)")
            try run("delete from search_index where rowid = \(row)")
        } else {
            row = try int(
                """
                insert into search_doc (row_id, doc_id, ticket_id, visibility)
                select coalesce(max(row_id), 0) + 1, \(doc), \(ticket), \(visibility) from search_doc
                returning row_id
                """)
        }
        try run("insert into search_index (rowid, tokens) values (\(row), \(tokens))")
    }

    func matchingTicketsSQLite(_ query: SearchQuery, scope: [String]) -> SQL? {
        guard let match = query.fts5 else { return nil }
        let all = ([match] + scope.map { "\"\($0)\"" }).joined(separator: " AND ")
        return """
            select d.ticket_id from search_index i join search_doc d on d.row_id = i.rowid
            where i.search_index match \(all)
            """
    }
}
