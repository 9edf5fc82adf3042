import Base
import Store

/// What people are told of their own accounts; it stands among their other notices.
enum AccountNotices {
    /// A link for a new password was made: the person hears of it, and every auditor where the account
    /// is one that watches the administrator (三权分立).
    static let resetLink = FactHandler("account.reset_link_made", "notices.reset_link") { fact, tx in
        var people: Set<String> = [fact.subject.id]
        if fact.data["tells_auditors"]?.bool == true {
            people.formUnion(try TicketPeople.holders(of: .auditor, tx).map(\.text))
        }
        let data = JSON.make(["name": .string(fact.data["name"]?.string ?? "")]).text
        for person in people.sorted() {
            try tx.run(
                """
                insert into notice (id, account_id, ticket_id, kind, data, at, needs_acknowledgement)
                values (\(ID<Notice>.make(at: tx.now)), \(person), null, \(fact.kind), \(data), \(fact.at), 0)
                """)
            tx.signal(Signal(Subject("notices", person)))
        }
    }
}
