import Base
import Store
import Web

extension Transaction {
    private static func kinds(_ text: String) -> [ServiceKind] {
        text.split(separator: ",").compactMap { ServiceKind(rawValue: String($0)) }
    }

    private static func text(_ kinds: [ServiceKind]) -> String {
        kinds.map(\.rawValue).joined(separator: ",")
    }

    /// Contracts under a condition on row `c`, by number, with the units they name.
    func contracts(where condition: SQL, limit: Int) throws -> [Contract] {
        var found = try rows(
            """
            select c.id, c.number, c.name, c.name_en, c.customer_id, c.project_id, c.policy, c.from_on, c.until_on,
              c.included, c.charged, c.note, c.version
            from contract c where \(condition) order by c.number limit \(limit)
            """
        ) { r in
            Contract(
                id: r.id(), number: r.text(), name: r.text(), nameEn: r.textOrNil(), customer: r.id(),
                project: r.idOrNil(),
                policy: r.textOrNil(), from: r.count(), until: r.count(),
                included: Transaction.kinds(r.text()), charged: Transaction.kinds(r.text()), units: [],
                note: r.textOrNil(), version: r.int())
        }
        guard !found.isEmpty else { return [] }
        var units: [ContractID: [ProductUnitID]] = [:]
        try each(
            """
            select contract_id, unit_id from contract_unit
            where contract_id in \(list: found.map(\.id.text)) order by contract_id, unit_id
            """
        ) { r in
            let id: ContractID = r.id()
            units[id, default: []].append(r.id())
        }
        for i in found.indices { found[i].units = units[found[i].id] ?? [] }
        return found
    }

    /// Contracts of customers, whoever asks, the one that ends last first.
    func contracts(ofCustomers customers: [OrganizationID]) throws -> [Contract] {
        let wanted = Set(customers.map(\.text)).sorted()
        if wanted.isEmpty { return [] }
        return try contracts(where: "c.customer_id in \(list: wanted)", limit: 5000).sorted {
            ($0.until, $0.id) > ($1.until, $1.id)
        }
    }

    /// Contracts that speak of a unit, whoever asks, the one that ends last first.
    func contracts(covering u: ProductUnit) throws -> [Contract] {
        try contracts(ofCustomers: [u.customer].compactMap { $0 }).filter { $0.covers(u) }
    }

    /// By number after a number, as far as the actor sees them.
    func contracts(
        words: [String] = [], customer: OrganizationID? = nil, project: ProjectID? = nil,
        inForceOn day: Int? = nil, after: String? = nil, limit: Int
    ) throws -> [Contract] {
        var conditions: [SQL] = [InstalledAccess.visibleContract(to: actor)]
        for word in words { conditions.append("c.search like \(Likes.containing(word)) escape '\\'") }
        if let customer { conditions.append("c.customer_id = \(customer)") }
        if let project { conditions.append("c.project_id = \(project)") }
        if let day { conditions.append("c.from_on <= \(day) and c.until_on >= \(day)") }
        if let after { conditions.append("c.number > \(after)") }
        return try contracts(where: conditions.joined(" and "), limit: limit)
    }

    func contract(number: String) throws -> Contract? {
        try contracts(where: "c.number = \(number)", limit: 1).first
    }

    private static func search(_ c: Contract) -> String {
        [c.number, c.name, c.nameEn, c.note].compactMap { $0 }.joined(separator: " ").lowercased()
    }

    func insert(_ c: Contract) throws {
        try run(
            """
            insert into contract (id, number, name, customer_id, project_id, policy, from_on, until_on,
              included, charged, note, search, version, name_en)
            values (\(c.id), \(c.number), \(c.name), \(c.customer), \(c.project), \(c.policy), \(c.from),
              \(c.until), \(Transaction.text(c.included)), \(Transaction.text(c.charged)), \(c.note),
              \(Transaction.search(c)), 1, \(c.nameEn))
            """)
        try cover(c)
    }

    func update(_ c: Contract) throws -> Int64 {
        let changed = try run(
            """
            update contract set name = \(c.name), name_en = \(c.nameEn), project_id = \(c.project), policy = \(c.policy),
              from_on = \(c.from), until_on = \(c.until), included = \(Transaction.text(c.included)),
              charged = \(Transaction.text(c.charged)), note = \(c.note), search = \(Transaction.search(c)),
              version = version + 1
            where id = \(c.id) and version = \(c.version)
            """)
        guard changed == 1 else { throw Failure(.preconditionFailed, "precondition.failed") }
        try run("delete from contract_unit where contract_id = \(c.id)")
        try cover(c)
        return c.version + 1
    }

    private func cover(_ c: Contract) throws {
        for unit in c.units {
            try run("insert into contract_unit (contract_id, unit_id) values (\(c.id), \(unit))")
        }
    }
}
