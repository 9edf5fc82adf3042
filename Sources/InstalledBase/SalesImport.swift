import Base
import People
import Store
import Web

/// Turns buyers into service customers: from each row customer, project, site, unit and warranty in one
/// go. First a plan, which only reads and says row by row what would be made, changed or refused; then,
/// where nothing is refused, all of it in the caller's transaction.
public struct SalesImport {
    /// What one row does.
    public struct RowReport: Sendable {
        public enum Outcome: String, Sendable, CaseIterable { case made, changed, unchanged, refused }
        public var line: Int
        public var serial: String
        public var outcome: Outcome
        /// What else the row makes: `customer`, `project`, `site`.
        public var makes: [String] = []
        /// Fields of a known unit that it changes.
        public var changes: [String] = []
        public var faults: [FieldFailure] = []
    }

    public struct Report: Sendable {
        public var rows: [RowReport] = []
        public var isTrial: Bool
        public var customers = 0
        public var projects = 0
        public var sites = 0

        public func count(_ outcome: RowReport.Outcome) -> Int { rows.filter { $0.outcome == outcome }.count }
        /// Nothing is refused: it can be done.
        public var isClean: Bool { rows.allSatisfy { $0.outcome != .refused } }
    }

    /// A place that is there already, or one that an earlier row makes.
    private enum Place<T: Sendable>: Sendable {
        case known(T)
        /// By its index among those to be made.
        case new(Int)
    }

    private struct PlannedUnit {
        var new: NewProductUnit
        var known: ProductUnit?
        var customer: Place<OrganizationID>
        var project: Place<Project>?
        var site: Place<SiteID>?
        var report: Int
    }

    private let map: SalesMap
    private var report: Report
    private var customers: [String: Place<OrganizationID>] = [:]
    private var projects: [String: (place: Place<Project>, customer: String)] = [:]
    private var sites: [String: Place<SiteID>] = [:]
    private var newCustomers: [NewOrganization] = []
    private var newProjects: [(new: NewProject, customer: Place<OrganizationID>)] = []
    private var newSites: [(new: NewSite, project: Place<Project>)] = []
    private var products: [String: Product] = [:]
    private var units: [PlannedUnit] = []
    private var plates: Set<String> = []
    private let mayMakeCustomers: Bool
    private let today: Int
    private let named: [OrganizationID: Organization]

    /// Plans an import and, unless it is a trial, does it.
    ///
    /// - Throws: 422 `sales.refused` where rows are refused and it is no trial; nothing is written then
    public static func run(_ file: SalesFile, _ map: SalesMap, isTrial: Bool, _ tx: Transaction) throws
        -> Report
    {
        try InstalledAccess.requireKeeper(tx)
        var work = try SalesImport(map, isTrial: isTrial, tx)
        for line in file.lines { try work.plan(line, tx) }
        guard !isTrial else { return work.report }
        if let first = work.report.rows.first(where: { $0.outcome == .refused }) {
            throw Failure(
                .invalid, "sales.refused",
                ["count": String(work.report.count(.refused)), "line": String(first.line), "column": "1"])
        }
        try work.write(tx)
        return work.report
    }

    private init(_ map: SalesMap, isTrial: Bool, _ tx: Transaction) throws {
        self.map = map
        report = Report(isTrial: isTrial)
        mayMakeCustomers = tx.actor.has(.administrator) || InstalledAccess.isSystem(tx.actor)
        today = try InstalledBase.today(tx)
        let all = try People.customers(tx, limit: 100_000)
        named = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
        for c in all {
            let names: [String?] = [c.name, c.nameEn, c.code]
            for name in names.compactMap({ $0 }) where customers[fold(name)] == nil {
                customers[fold(name)] = .known(c.id)
            }
        }
        for (project, places) in try People.allPlaces(tx, limit: 100_000) {
            projects[fold(project.code)] = (.known(project), project.customer.text)
            for site in places {
                for name in [site.name, site.nameEn].compactMap({ $0 }) {
                    sites[project.id.text + "\u{0}" + fold(name)] = .known(site.id)
                }
            }
        }
        for p in try tx.products(activeOnly: true, limit: 100_000) where p.kind != .position {
            let names: [String?] = [p.code, p.model, p.name, p.nameEn]
            for name in names.compactMap({ $0 }) where products[fold(name)] == nil {
                products[fold(name)] = p
            }
        }
    }

    // MARK: Planning

    private mutating func plan(_ line: SalesFile.Line, _ tx: Transaction) throws {
        var row = RowReport(line: line.number, serial: "", outcome: .made)
        let found = Faults()
        func text(_ field: SalesField, max: Int = 200) -> String? {
            guard let cell = line.cells[field] else { return nil }
            do { return try CleanText.line(cell, max: max, field: field.rawValue) } catch let f as Failure {
                found.all += f.fields
                return nil
            } catch { return nil }
        }
        func wrong(_ field: SalesField, _ code: String, _ arguments: [String: String] = [:]) {
            found.all.append(FieldFailure(field: field.rawValue, code: code, arguments: arguments))
        }
        func day(_ field: SalesField) -> Int? {
            guard let cell = line.cells[field] else { return nil }
            guard let day = map.day(cell) else {
                wrong(
                    field, "sales.date",
                    ["value": String(cell.prefix(40)), "format": map.dateFormat.rawValue])
                return nil
            }
            return day
        }
        func number(_ field: SalesField, _ range: ClosedRange<Int64>) -> Int64? {
            guard let cell = line.cells[field] else { return nil }
            guard let n = Int64(CleanText.foldIdentifier(cell)), range.contains(n) else {
                wrong(
                    field, "field.out_of_range",
                    ["min": String(range.lowerBound), "max": String(range.upperBound)])
                return nil
            }
            return n
        }

        var product: Product?
        if let name = text(.product) {
            product = products[fold(name)]
            if product == nil { wrong(.product, "sales.product", ["name": name]) }
        } else {
            wrong(.product, "field.required")
        }
        var new = NewProductUnit(
            product: product?.id ?? ProductID(""), serial: text(.serial, max: 100),
            batch: text(.batch, max: 100))
        new.deliveredOn = day(.deliveredOn)
        new.acceptedOn = day(.inServiceOn)
        new.warrantyFrom = day(.warrantyFrom)
        new.warrantyUntil = day(.warrantyUntil)
        new.warrantyMonths = number(.warrantyMonths, Bounds.months)
        new.warrantyHours = number(.warrantyHours, Bounds.hours)
        new.softwareVersion = text(.softwareVersion, max: 100)
        new.note = text(.note, max: 2000)
        row.serial = new.serial ?? new.batch ?? ""
        if (new.serial ?? "").isEmpty, (new.batch ?? "").isEmpty { wrong(.serial, "unit.serial_or_batch") }
        if let a = new.acceptedOn, let d = new.deliveredOn, a < d { wrong(.inServiceOn, "field.ends_before") }
        if let months = new.warrantyMonths {
            if let from = new.warrantyFrom ?? new.acceptedOn ?? new.deliveredOn, new.warrantyUntil == nil {
                new.warrantyUntil = Warranty.until(from: from, months: Int(months))
            } else if new.warrantyUntil == nil {
                wrong(.warrantyFrom, "field.required")
            }
            new.warrantyMonths = nil
        }
        let from = new.warrantyFrom ?? new.acceptedOn ?? new.deliveredOn
        if let until = new.warrantyUntil, let from, until < from {
            wrong(.warrantyUntil, "field.ends_before")
        }
        found.all += Bounds.faults(
            of: [
                (SalesField.deliveredOn.rawValue, new.deliveredOn, true),
                (SalesField.inServiceOn.rawValue, new.acceptedOn, true),
                (SalesField.warrantyFrom.rawValue, new.warrantyFrom, false),
                (SalesField.warrantyUntil.rawValue, new.warrantyUntil, false),
            ], today: today)
        var known: ProductUnit?
        if let product, let serial = new.serial, !serial.isEmpty {
            if !plates.insert(product.id.text + "\u{0}" + serial).inserted { wrong(.serial, "sales.twice") }
            known = try tx.productUnit(product: product.id, serial: serial)
        }
        let places = planPlaces(line, &row, text, wrong)
        guard found.all.isEmpty, let places else {
            row.faults = found.all
            row.outcome = .refused
            report.rows.append(row)
            return
        }
        if let known {
            row.changes = changes(new, known, places)
            row.outcome = row.changes.isEmpty && row.makes.isEmpty ? .unchanged : .changed
        }
        units.append(
            PlannedUnit(
                new: new, known: known, customer: places.customer, project: places.project, site: places.site,
                report: report.rows.count))
        report.rows.append(row)
    }

    /// What is wrong with one row, collected from wherever it is read.
    private final class Faults { var all: [FieldFailure] = [] }

    private struct Places {
        var customer: Place<OrganizationID>
        var project: Place<Project>?
        var site: Place<SiteID>?
    }

    private mutating func planPlaces(
        _ line: SalesFile.Line, _ row: inout RowReport, _ text: (SalesField, Int) -> String?,
        _ wrong: (SalesField, String, [String: String]) -> Void
    ) -> Places? {
        guard let name = text(.customer, 200) else {
            if line.cells[.customer] == nil { wrong(.customer, "field.required", [:]) }
            return nil
        }
        let zone = text(.timeZone, 64)
        if let zone, Zone(zone) == nil {
            wrong(.timeZone, "field.not_a_zone", [:])
            return nil
        }
        let code = text(.customerCode, 40)
        let country = text(.country, 100).map { name in
            Country(name)?.code
                ?? Language.allCases.lazy.compactMap { language in
                    Country.all(in: language).first { fold($0.name) == fold(name) }?.code
                }.first
        }
        if case .some(.none) = country {
            wrong(.country, "field.not_a_country", [:])
            return nil
        }
        let customer: Place<OrganizationID>
        let customerKey: String
        if let found = code.flatMap({ customers[fold($0)] }) ?? customers[fold(name)] {
            if let other = conflict(found, name, code) {
                wrong(.customerCode, "sales.customer_conflict", other)
                return nil
            }
            customer = found
        } else {
            guard mayMakeCustomers else {
                wrong(.customer, "sales.new_customer", ["name": name])
                return nil
            }
            var new = NewOrganization(.customer, name: name)
            new.nameEn = text(.customerEn, 200)
            new.code = code
            new.country = country ?? nil
            new.zone = zone
            customer = .new(newCustomers.count)
            newCustomers.append(new)
            report.customers += 1
            row.makes.append("customer")
            for key in [name, new.nameEn, code].compactMap({ $0 }) { customers[fold(key)] = customer }
        }
        switch customer {
        case .known(let id): customerKey = id.text
        case .new(let n): customerKey = "new:\(n)"
        }
        guard let projectCode = text(.projectCode, 40) else {
            if line.cells[.site] != nil || line.cells[.project] != nil {
                wrong(.projectCode, "field.required", [:])
                return nil
            }
            return Places(customer: customer, project: nil, site: nil)
        }
        let project: Place<Project>
        if let found = projects[fold(projectCode)] {
            guard found.customer == customerKey else {
                wrong(.projectCode, "project.code_taken", [:])
                return nil
            }
            project = found.place
        } else {
            guard mayMakeCustomers else {
                wrong(.projectCode, "sales.new_customer", ["name": projectCode])
                return nil
            }
            let folded = CleanText.foldIdentifier(projectCode)
            project = .new(newProjects.count)
            newProjects.append(
                (
                    NewProject(
                        code: folded, name: text(.project, 200) ?? folded, customer: OrganizationID("")),
                    customer
                ))
            projects[fold(projectCode)] = (project, customerKey)
            report.projects += 1
            row.makes.append("project")
        }
        guard let siteName = text(.site, 200) else {
            return Places(customer: customer, project: project, site: nil)
        }
        let projectKey =
            switch project {
            case .known(let p): p.id.text
            case .new(let n): "new:\(n)"
            }
        let key = projectKey + "\u{0}" + fold(siteName)
        if let site = sites[key] { return Places(customer: customer, project: project, site: site) }
        guard mayMakeCustomers else {
            wrong(.site, "sales.new_customer", ["name": siteName])
            return nil
        }
        guard let siteZone = zone ?? map.zone else {
            wrong(.timeZone, "field.required", [:])
            return nil
        }
        var new = NewSite(name: siteName, zone: siteZone)
        new.country = country ?? nil
        let site: Place<SiteID> = .new(newSites.count)
        newSites.append((new, project))
        sites[key] = site
        report.sites += 1
        row.makes.append("site")
        return Places(customer: customer, project: project, site: site)
    }

    /// Where a customer is known under another name than the row gives beside its code, or under another
    /// code: nobody joins somebody else's units by a slip of the hand.
    private func conflict(_ place: Place<OrganizationID>, _ name: String, _ code: String?) -> [String:
        String]?
    {
        let own: (name: String, names: [String?], code: String?)
        switch place {
        case .known(let id):
            guard let known = named[id] else { return nil }
            own = (known.name, [known.name, known.nameEn, known.code], known.code)
        case .new(let n):
            let new = newCustomers[n]
            own = (new.name, [new.name, new.nameEn, new.code], new.code)
        }
        let isNamed = own.names.contains { $0.map(fold) == fold(name) }
        let isCoded = code == nil || own.code == nil || code.map(fold) == own.code.map(fold)
        if isNamed, isCoded { return nil }
        return ["name": own.name, "code": own.code ?? "–", "given": name]
    }

    /// Fields of a known unit that the row says otherwise. What it leaves empty stays.
    private func changes(_ new: NewProductUnit, _ old: ProductUnit, _ places: Places) -> [String] {
        var out: [String] = []
        func add<T: Equatable>(_ name: String, _ new: T?, _ old: T?) {
            if let new, new != old { out.append(name) }
        }
        if case .known(let id) = places.customer {
            add("customer_id", id, old.customer)
        } else {
            out.append("customer_id")
        }
        switch places.project {
        case .known(let p): add("project_id", p.id, old.project)
        case .new: out.append("project_id")
        case nil: break
        }
        switch places.site {
        case .known(let id): add("site_id", id, old.site)
        case .new: out.append("site_id")
        case nil: break
        }
        add("batch", new.batch, old.batch)
        add("delivered_on", new.deliveredOn, old.deliveredOn)
        add("accepted_on", new.acceptedOn, old.acceptedOn)
        add("warranty_from", new.warrantyFrom, old.warrantyFrom)
        add("warranty_until", new.warrantyUntil, old.warrantyUntil)
        add("warranty_hours", new.warrantyHours, old.warrantyHours)
        add("software_version", new.softwareVersion, old.softwareVersion)
        add("note", new.note, old.note)
        return out
    }

    // MARK: Writing

    private func write(_ tx: Transaction) throws {
        let madeCustomers = try newCustomers.map { try People.add($0, tx).id }
        func id(_ place: Place<OrganizationID>) -> OrganizationID {
            switch place {
            case .known(let id): id
            case .new(let n): madeCustomers[n]
            }
        }
        let madeProjects = try newProjects.map { planned in
            var new = planned.new
            new.customer = id(planned.customer)
            return try People.add(new, tx)
        }
        func project(_ place: Place<Project>) -> Project {
            switch place {
            case .known(let p): p
            case .new(let n): madeProjects[n]
            }
        }
        let madeSites = try newSites.map { try People.add($0.new, to: project($0.project), tx).id }
        for planned in units {
            var new = planned.new
            new.customer = id(planned.customer)
            new.project = planned.project.map { project($0).id }
            if case .known(let id)? = planned.site { new.site = id }
            if case .new(let n)? = planned.site { new.site = madeSites[n] }
            guard let known = planned.known else {
                try InstalledBase.add(new, tx)
                continue
            }
            guard report.rows[planned.report].outcome == .changed else { continue }
            _ = try InstalledBase.change(known, EditProductUnit(taking: new, over: known), tx)
        }
    }
}

/// As names are compared: without case, width and spaces around.
private func fold(_ name: String) -> String { CleanText.foldIdentifier(name) }

extension EditProductUnit {
    /// What a row of sales records says of a known unit; what it leaves empty stays.
    init(taking new: NewProductUnit, over old: ProductUnit) {
        func change<T: Sendable>(_ value: T?) -> Change<T?> { value.map { .set($0) } ?? .keep }
        serial = .keep
        batch = change(new.batch)
        customer = .keep
        project = .keep
        site = .keep
        deliveredOn = change(new.deliveredOn)
        acceptedOn = change(new.acceptedOn)
        warrantyFrom = change(new.warrantyFrom)
        warrantyUntil = change(new.warrantyUntil)
        warrantyHours = change(new.warrantyHours)
        softwareVersion = change(new.softwareVersion)
        use = nil
        note = change(new.note)
        let isMoved = new.customer != nil && new.customer != old.customer
        let toProject = new.project ?? (isMoved ? nil : old.project)
        place = UnitPlace(
            customer: new.customer ?? old.customer, project: toProject,
            site: new.site ?? (toProject == old.project && !isMoved ? old.site : nil))
    }
}
