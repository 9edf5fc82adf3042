import Base
import Store

/// The server's own index: `tsvector` over the same tokens, written down with their places, so that no
/// parser or dictionary of the server has a say in what a word is.
extension Transaction {
    static let searchIndexPostgres: StaticString = """
        create sequence search_row;
        create table search_index (rowid bigint not null primary key, tokens tsvector not null);
        create index search_index_tokens on search_index using gin (tokens);
        """

    /// The hits of a word are many, and to fetch each one's document costs more than to find them. A node of
    /// an older version leaves the ticket out.
    static let searchTicketPostgres: StaticString = """
        alter table search_index add column ticket_id text;
        comment on column search_index.ticket_id is 'derived';
        update search_index i set ticket_id = d.ticket_id from search_doc d where d.row_id = i.rowid;
        """

    func indexDocumentPostgres(_ doc: String, ticket: TicketID, visibility: Visibility, tokens: String) throws
    {
        let row = try int(
            """
            insert into search_doc (row_id, doc_id, ticket_id, visibility)
            values (nextval('search_row'), \(doc), \(ticket), \(visibility))
            on conflict (doc_id) do update set visibility = excluded.visibility returning row_id
            """)
        try run(
            """
            insert into search_index (rowid, ticket_id, tokens)
            values (\(row), \(ticket), cast(\(Self.vector(tokens)) as tsvector))
            on conflict (rowid) do update set tokens = excluded.tokens
            """)
    }

    func matchingTicketsPostgres(_ query: SearchQuery, scope: [String]) -> SQL? {
        guard let match = query.tsquery else { return nil }
        let all = ([match] + scope.map { "'\($0)'" }).joined(separator: " & ")
        return """
            select coalesce(i.ticket_id,
              (select d.ticket_id from search_doc d where d.row_id = i.rowid)) as ticket_id
            from search_index i where i.tokens @@ cast(\(all) as tsquery)
            """
    }

    /// `'token':1 'next':2`: each token with its place (documentation of `tsvector`; places end at 16,383,
    /// what lies beyond is found as words, not as phrases).
    static func vector(_ tokens: String) -> String {
        var out = ""
        for (i, token) in tokens.split(separator: " ").enumerated() {
            let quoted = token.replacing("\\", with: "\\\\").replacing("'", with: "''")
            out += "'\(quoted)':\(min(i + 1, 16_383)) "
        }
        return out
    }
}
