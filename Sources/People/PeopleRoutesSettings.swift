import Base
import Store
import Web

/// A new value of a setting, as JSON in the API.
struct NewSetting: Command {
    var value: JSON?
    var number: Int64?
    var amount: String?
    var names: [String: String]?
    var effectiveFrom: Instant?

    /// `value` as reading gives it; or, for forms, a field for each kind: `number` for numbers and amounts
    /// in the currency's smallest unit, `amount` for amounts as people write them, `names` for the house's
    /// name (`{"zh": …, "en": …}`).
    init(_ read: inout FieldReader) {
        value = read.value("value", max: 200)
        number = read.optionalInt("number", 0...1_000_000_000_000)
        amount = read.optionalText("amount", max: 40)
        names = read.texts("names", maxCount: 2)
        effectiveFrom = read.optionalInstant("effective_from")
    }

    /// The one value that was given; two that differ are refused.
    func value(for setting: HouseSetting, currency: String) throws -> JSON {
        var given: [(field: String, value: JSON)] = []
        if let value { given.append(("value", value)) }
        switch setting {
        case .houseName:
            if let names {
                given.append(("names", .make(["zh": .of(names["zh"]), "en": .of(names["en"])])))
            }
        case .costLimit, .stockLimit, .countFinanceLimit, .countManagementLimit, .sessionHours,
            .stockAloneHours:
            if let number { given.append(("number", .int(number))) }
            if let amount, setting.isAmount {
                guard let minor = Money.minor(amount, currency) else {
                    throw Failure.invalid("amount", "field.not_a_number")
                }
                given.append(("amount", .int(minor)))
            }
        case .baseURL, .quietFrom, .quietTo:
            if value == nil { given.append(("value", "")) }
        case .houseTimeZone, .fourEyes, .currency: break
        }
        guard let first = given.first else { throw Failure.invalid(setting.formField, "field.required") }
        if let other = given.first(where: { $0.value != first.value }) {
            throw Failure.invalid(other.field, "field.contradiction", ["other": first.field])
        }
        return first.value
    }
}

extension HouseSetting {
    /// Where a form has its value.
    fileprivate var formField: String {
        switch self {
        case .houseName: "names"
        case .costLimit, .stockLimit, .countFinanceLimit, .countManagementLimit, .sessionHours,
            .stockAloneHours:
            "number"
        default: "value"
        }
    }
}

extension People {
    static func settingRoutes(_ routes: inout Routes) {
        routes.get(
            "/admin/settings", roles: readers,
            .init("The house's settings", tag: "admin", answer: .page(PeopleJSON.setting))
        ) { _, tx in
            Reply.json(Page(items: try settings(tx), nextCursor: nil).json(PeopleJSON.setting))
        }
        var doc = Route.Doc(
            "Change a setting", tag: "admin", body: NewSetting.self, answer: .one(PeopleJSON.setting))
        doc.needsMatch = true
        let change: @Sendable (Call, Transaction) throws -> Reply = { call, tx in
            guard let setting = HouseSetting(rawValue: call.parameter("name")) else {
                throw Failure.notFound()
            }
            try requireAdministrator(tx)
            let newest = try Settings.versions(setting.rawValue, tx).first?.version ?? 0
            try call.requireVersion(newest)
            let input = try call.input(NewSetting.self)
            let version = try set(
                setting, input.value(for: setting, currency: Settings.currency(tx)),
                effectiveFrom: input.effectiveFrom, tx)
            let now = try Settings.versions(setting.rawValue, tx).first
            return call.respond(
                page: "/admin/settings?done=saved", json: now.map(PeopleJSON.setting.json) ?? .null,
                version: version)
        }
        routes.change("PUT", "/admin/settings/{name}", roles: readers, doc, change)
        routes.form("/admin/settings/{name}", roles: readers, again: SettingPages.all, change)
        routes.page("/admin/settings", roles: readers, SettingPages.all)

        routes.get(
            "/admin/routing", roles: readers,
            .init("The routing table", tag: "admin", answer: .page(PeopleJSON.routing))
        ) { _, tx in
            Reply.json(Page(items: try tx.routing(), nextCursor: nil).json(PeopleJSON.routing))
        }
        routes.step(
            "/admin/routing", roles: readers,
            .init(
                "Add a line", tag: "admin", body: NewRouting.self, answer: .one(PeopleJSON.routing),
                status: 201), again: SettingPages.routing
        ) { call, tx in
            try requireAdministrator(tx)
            let line = try add(call.input(NewRouting.self), tx)
            return call.respond(
                made: "/admin/routing", page: "/admin/routing?done=saved", json: PeopleJSON.routing.json(line)
            )
        }
        routes.change(
            "DELETE", "/admin/routing/{id}", roles: readers,
            .init("Remove a line", tag: "admin", answer: .none, status: 204)
        ) { call, tx in
            try removeRouting(call.parameter("id"), tx)
            return .noContent
        }
        routes.form("/admin/routing/{id}/removal", roles: readers, again: SettingPages.routing) { call, tx in
            try removeRouting(call.parameter("id"), tx)
            return .redirect("/admin/routing?done=saved")
        }
        routes.page("/admin/routing", roles: readers, SettingPages.routing)
    }

    /// The newest version of each setting; what nobody set stands with version 0.
    static func settings(_ tx: Transaction) throws -> [SettingVersion] {
        let newest = try Settings.newest(tx)
        return HouseSetting.allCases.map {
            newest[$0.rawValue]
                ?? SettingVersion(
                    name: $0.rawValue, version: 0, value: $0.standard, effectiveFrom: tx.now,
                    createdAt: tx.now,
                    createdBy: nil)
        }
    }
}
