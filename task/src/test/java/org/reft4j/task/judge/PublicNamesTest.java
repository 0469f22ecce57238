package org.reft4j.task.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that strangers gave, with a resolver that says what the test wants. */
class PublicNamesTest {
    private final AtomicInteger asked = new AtomicInteger();

    @AfterEach
    void restore() {
        PublicNames.INSTEAD.set(Optional.empty());
    }

    private void means(String... addresses) {
        PublicNames.INSTEAD.set(Optional.of(new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) {
                int time = Math.min(asked.getAndIncrement(), addresses.length - 1);
                return Stream.of(InetAddress.ofLiteral(addresses[time]));
            }

            @Override
            public String lookupByAddress(byte[] address) {
                return "unknown";
            }
        }));
    }

    private static JsonService.Outcome ask(StubServer server, String host, boolean guarded) {
        URI address = URI.create(server.url("/x").replace("127.0.0.1", host).replace("localhost", host));
        JsonService.Limits limits = new JsonService.Limits(1, Double.POSITIVE_INFINITY, 0, 1000);
        return new JsonService(address, Map.of(), limits, Pauses.REAL, guarded)
                .post(JsonNodeFactory.instance.objectNode(), Duration.ofSeconds(10));
    }

    @Test
    void aNameThatMeansThisMachineIsNotAsked() throws IOException {
        try (StubServer server = new StubServer()) {
            means("127.0.0.1");
            assertInstanceOf(JsonService.Outcome.class, ask(server, "own.invalid", false));
            assertEquals(1, server.calls().size(), "the resolver of this test is in use");
            JsonService.Outcome.Broken refused =
                    assertInstanceOf(JsonService.Outcome.Broken.class, ask(server, "strange.invalid", true));
            assertTrue(refused.reason().contains("is at the private address 127.0.0.1"), refused::reason);
            assertEquals(1, server.calls().size());
        }
    }

    @Test
    void aNameThatChangesItsMeaningLeadsNowhere() throws IOException {
        means("93.184.215.14", "10.1.2.3");
        PublicNames.Checked resolver =
                new PublicNames.Checked(PublicNames.INSTEAD.get().orElseThrow());
        InetAddressResolver.LookupPolicy policy =
                InetAddressResolver.LookupPolicy.of(InetAddressResolver.LookupPolicy.IPV4);
        PublicNames.guard("Rebound.invalid");
        assertEquals(
                InetAddress.ofLiteral("93.184.215.14"),
                resolver.lookupByName("rebound.invalid", policy).toList().getFirst());
        // This is the lookup of whoever connects.
        UnknownHostException refused =
                assertThrows(UnknownHostException.class, () -> resolver.lookupByName("rebound.invalid", policy));
        assertTrue(String.valueOf(refused.getMessage()).contains("10.1.2.3"));
        assertEquals(1, resolver.lookupByName("another.invalid", policy).count(), "names of one's own are as before");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.9.9.9",
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "0.0.0.0",
                "0.1.2.3",
                "100.64.0.1",
                "100.127.0.1",
                "198.18.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "fe80::1",
                "fc00::1",
                "fd12::1",
                "ff02::1",
                "::ffff:10.0.0.1",
                "64:ff9b::a00:1",
                "2002:a00:1::"
            })
    void isPrivate(String address) {
        assertTrue(PublicNames.isPrivate(InetAddress.ofLiteral(address)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.8.8.8", "100.63.0.1", "100.128.0.1", "172.32.0.1", "198.20.0.1", "2606:4700::1111"})
    void isPublic(String address) {
        assertFalse(PublicNames.isPrivate(InetAddress.ofLiteral(address)));
    }
}
