import Base
import People
import Store

/// Weights as people write them, in kilograms; kept in grams.
enum Weight {
    /// Up to 1,000 tonnes.
    static let grams: ClosedRange<Int64> = 1...1_000_000_000

    /// `6.2` is 6,200 g; nil for what is no weight or finer than a gram.
    static func grams(_ kilograms: String) -> Int64? {
        let plain = CleanText.foldIdentifier(kilograms).filter { $0 != "," && $0 != " " }
        let parts = plain.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, (1...7).contains(whole.count) else { return nil }
        let part = parts.count > 1 ? parts[1] : ""
        guard parts.count == 1 || (1...3).contains(part.count),
            (whole + part).utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int64(whole + part + String(repeating: "0", count: 3 - part.count))
    }

    /// 6,200 g is `6.2`.
    static func kilograms(_ grams: Int64) -> String {
        var part = String(grams % 1000)
        part = String(repeating: "0", count: 3 - part.count) + part
        while part.hasSuffix("0") { part.removeLast() }
        return String(grams / 1000) + (part.isEmpty ? "" : "." + part)
    }
}

extension StockDocument {
    /// Of the whole shipment: as somebody weighed it, else the sum of its lines where all were weighed.
    var grossWeight: Int64? {
        if let weight = shipping.grossWeight { return weight }
        let lines = lines.compactMap(\.grossWeight)
        return lines.isEmpty || lines.count < self.lines.count ? nil : lines.reduce(0) { $0 &+ $1 }
    }
}

/// Whom something for a ticket is sent to: the customer's site, and who asked.
public struct StockConsignee: Sendable {
    public var organization: String?
    public var site: String?
    public var address: String?
    public var person: String?
    public var phone: String?

    public init(
        organization: String?, site: String?, address: String?, person: String?, phone: String?
    ) {
        self.organization = organization
        self.site = site
        self.address = address
        self.person = person
        self.phone = phone
    }

    /// Name and place, then the person, each where it is known.
    var lines: [String] {
        [[organization, site, address], [person, phone]].map { words in
            words.compactMap { $0 }.joined(separator: " · ")
        }.filter { !$0.isEmpty }
    }
}

extension Inventory {
    /// Whom a document's parts go to by its ticket or customer; nil where it says so itself, or goes to no customer.
    static func consignee(_ d: StockDocument, _ neighbours: InventoryNeighbours, _ tx: Transaction) throws
        -> StockConsignee?
    {
        guard d.toPlace == nil, [.issue, .shipment, .loan].contains(d.kind) else { return nil }
        if let ticket = d.ticket { return try neighbours.consignee(ticket.id, tx) }
        guard d.kind == .shipment, let partner = d.partner else { return nil }
        return try customer(partner, tx)
    }

    /// A customer to whom something is sent without a ticket: where they have one site alone, that is where.
    private static func customer(_ id: OrganizationID, _ tx: Transaction) throws -> StockConsignee? {
        guard let organization = try People.organization(id, tx) else { return nil }
        let language = tx.actor.language
        let sites = try tx.first(
            """
            select min(s.id), count(*) from site s join project p on p.id = s.project_id
            where p.customer_id = \(id) and s.is_active = 1 and p.is_active = 1
            """
        ) { r -> (SiteID?, Int64) in (r.idOrNil(), r.int()) }
        let only: SiteID? = sites.flatMap { $0.1 == 1 ? $0.0 : nil }
        let site = try only.flatMap { try People.site($0, tx) }
        let country = (site?.country ?? organization.country).map { Country.shown($0, in: language) }
        let address = [site?.address, country].compactMap { $0 }.joined(separator: " · ")
        return StockConsignee(
            organization: organization.name(in: language), site: site?.name(in: language),
            address: address.isEmpty ? nil : address, person: nil, phone: nil)
    }
}
