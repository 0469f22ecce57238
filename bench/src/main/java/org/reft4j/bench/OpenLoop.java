package org.reft4j.bench;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests at a steady rate, whether or not the ones before are answered. The time of each is measured from the instant at which it was to be
 * sent, so that a server that stalls is charged for all the requests that had to wait.
 *
 * @param milliseconds of each request, ascending
 * @param failed number of requests that had no answer or a wrong one
 * @param late milliseconds that the generator itself was late at the 99th percentile: above some of them, the machine was too busy to measure
 */
record OpenLoop(List<Double> milliseconds, int failed, double late) {
    private static final long PATIENCE_SECONDS = 60;

    /** A request by its number; false or an exception if its answer is wrong. */
    @FunctionalInterface
    interface Request {
        boolean send(int number) throws Exception;
    }

    /** Sends {@code rate} requests a second for some seconds, each on a virtual thread of its own. */
    static OpenLoop run(int rate, int seconds, Request request) throws InterruptedException {
        return timed(rate * seconds, 1e9 / rate, request);
    }

    /** Sends so many at one instant. */
    static OpenLoop atOnce(int count, Request request) throws InterruptedException {
        return timed(count, 0, request);
    }

    private static OpenLoop timed(int count, double everyNs, Request request) throws InterruptedException {
        double[] times = new double[count];
        double[] behind = new double[count];
        AtomicInteger failed = new AtomicInteger();
        CountDownLatch left = new CountDownLatch(count);
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            int number = i;
            long intended = begin + (long) (number * everyNs);
            for (long wait = intended - System.nanoTime(); wait > 0; wait = intended - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            behind[number] = (System.nanoTime() - intended) / 1e6;
            Thread.ofVirtual().start(() -> {
                try {
                    if (!request.send(number)) {
                        failed.incrementAndGet();
                    }
                } catch (Exception _) {
                    failed.incrementAndGet();
                } finally {
                    times[number] = (System.nanoTime() - intended) / 1e6;
                    left.countDown();
                }
            });
        }
        boolean all = left.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        double[] sorted = times.clone();
        if (!all) {
            failed.addAndGet((int) left.getCount());
        }
        Arrays.sort(sorted);
        Arrays.sort(behind);
        return new OpenLoop(listed(sorted), failed.get(), percentile(listed(behind), 0.99));
    }

    private static List<Double> listed(double[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    double percentile(double share) {
        return percentile(milliseconds, share);
    }

    private static double percentile(List<Double> sorted, double share) {
        return sorted.get((int) Math.min(sorted.size() - 1L, Math.round(share * sorted.size())));
    }
}
