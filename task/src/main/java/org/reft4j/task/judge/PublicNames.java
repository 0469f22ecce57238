package org.reft4j.task.judge;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * Names of hosts that strangers gave, which must not lead into private networks. The JVM asks this class whenever it looks up a name, also
 * when it connects, so that a name cannot mean a public address while it is checked and a private one afterwards (DNS rebinding).
 */
public final class PublicNames extends InetAddressResolverProvider {
    private static final Set<String> NAMES = ConcurrentHashMap.newKeySet();

    /** Answers in place of the system's resolver; for tests. */
    static final AtomicReference<Optional<InetAddressResolver>> INSTEAD = new AtomicReference<>(Optional.empty());

    /** Found by the JVM. */
    public PublicNames() {}

    /** From now on a name leads to public addresses or nowhere, in this process. */
    public static void guard(String host) {
        NAMES.add(host.toLowerCase(Locale.ROOT));
    }

    /**
     * Looks a host up.
     *
     * @throws UnknownHostException if it is not known, or at a private address
     */
    public static void require(String host) throws UnknownHostException {
        for (InetAddress address : InetAddress.getAllByName(host)) {
            if (isPrivate(address)) { // written as a number, it is nobody's name
                throw refused(host, address);
            }
        }
    }

    private static UnknownHostException refused(String host, InetAddress address) {
        return new UnknownHostException(host + " is at the private address " + address.getHostAddress());
    }

    /** True for this machine, private networks, and whatever else is no address of the internet. */
    public static boolean isPrivate(InetAddress address) {
        byte[] bytes = address.getAddress();
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        if (address.isLoopbackAddress()
                || address.isSiteLocalAddress()
                || address.isLinkLocalAddress()
                || address.isAnyLocalAddress()
                || address.isMulticastAddress()) {
            return true;
        }
        return bytes.length == 4
                // this network, shared by carriers, benchmarks, and to come
                ? first == 0
                        || (first == 100 && (second & 0xc0) == 64)
                        || (first == 198 && (second & 0xfe) == 18)
                        || first >= 240
                // unique local, and IPv4 in other clothes
                : (first & 0xfe) == 0xfc
                        || (first == 0 && second == 0x64)
                        || (first == 0x20 && second == 0x02)
                        || (first == 0 && second == 0);
    }

    @Override
    public String name() {
        return "reft4j";
    }

    @Override
    public InetAddressResolver get(Configuration configuration) {
        return new Checked(configuration.builtinResolver());
    }

    /** The system's resolver, whose answers for guarded names are looked at. */
    record Checked(InetAddressResolver system) implements InetAddressResolver {
        @Override
        public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
            Stream<InetAddress> found = INSTEAD.get().orElse(system).lookupByName(host, policy);
            if (!NAMES.contains(host.toLowerCase(Locale.ROOT))) {
                return found;
            }
            List<InetAddress> all = found.toList();
            for (InetAddress each : all) {
                if (isPrivate(each)) {
                    throw refused(host, each);
                }
            }
            return all.stream();
        }

        @Override
        public String lookupByAddress(byte[] address) throws UnknownHostException {
            return system.lookupByAddress(address);
        }
    }
}
