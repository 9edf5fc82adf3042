import Base
import Web

extension InstalledBase {
    /// The places of this area in the navigation of a person.
    public static func navigation(for actor: Actor) -> [NavigationGroup] {
        guard actor.hasAny(InstalledAccess.readers) else { return [] }
        guard actor.isStaff else {
            return [
                NavigationGroup(
                    "nav.portal",
                    [NavigationEntry("units.title.own", "/product-units", .dish, isFirst: false)])
            ]
        }
        var entries = [NavigationEntry("units.title", "/product-units", .dish)]
        entries.append(NavigationEntry("contracts.title", "/contracts", .file))
        entries.append(NavigationEntry("products.title", "/products", .columns))
        return [NavigationGroup("nav.installed", entries)]
    }
}
