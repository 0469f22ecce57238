package org.reft4j.train.learn;

import static org.reft4j.tensor.Tensors.scalar;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.settings.OptimizerConfig;

/**
 * AdamW (Loshchilov and Hutter 2019, algorithm 2) over weights, gradients and moments in one flat float32 buffer each: a step takes a few
 * calls for any number of parameters, the gradient norm is one reduction, and the state is two tensors to save. Rebinds the parameters to
 * views of its buffer. Arithmetic as in {@code torch.optim.AdamW}.
 */
public final class AdamW implements AutoCloseable {
    /** Elements that are updated together on the processor, so that the four buffers' parts stay in its cache. */
    private static final long CHUNK = 1 << 20;
    /** The same on a device, where every call takes its time, and memory for what is in between is short: 256 MiB. */
    private static final long DEVICE_CHUNK = 1 << 26;

    private final List<Parameter> parameters;
    private final OptimizerConfig config;
    private final long chunk;
    private final Tensor weights;
    private final Tensor gradients;
    private final Tensor first;
    private final Tensor second;
    private final List<Segment> segments = new ArrayList<>();

    /** A stretch of the buffer whose elements are updated alike. */
    private record Segment(long at, long size, boolean head, boolean decayed) {
        /** This one with what follows it, if that is updated alike. */
        Optional<Segment> joined(Segment next) {
            return head == next.head && decayed == next.decayed
                    ? Optional.of(new Segment(at, size + next.size, head, decayed))
                    : Optional.empty();
        }
    }

    /** Numbers of updates of backbone and head, for the bias correction of their moments. */
    public record Updates(int backbone, int head) {}

    private final double headRate;
    private Updates updates = new Updates(0, 0);

    /**
     * @param backbone trained parameters, float32; biases and norm weights get no weight decay
     * @param head further trained parameters, with another learning rate
     * @param headRate the head's rate as a multiple of the backbone's
     */
    public AdamW(List<Parameter> backbone, List<Parameter> head, double headRate, OptimizerConfig config) {
        this.parameters = Stream.concat(
                        backbone.stream().sorted((a, b) -> Boolean.compare(isVector(a), isVector(b))), head.stream())
                .toList();
        this.config = config;
        this.headRate = headRate;
        long total = parameters.stream().mapToLong(p -> p.value().numel()).sum();
        Place place = Place.of(parameters.getFirst().value());
        this.chunk = place.isHost() ? CHUNK : DEVICE_CHUNK;
        try (var _ = NativeScope.open()) {
            weights = NativeScope.own(Tensors.zeros(place, DType.F32, total));
            gradients = NativeScope.own(Tensors.zeros(place, DType.F32, total));
            first = NativeScope.own(Tensors.zeros(place, DType.F32, total));
            second = NativeScope.own(Tensors.zeros(place, DType.F32, total));
            long at = 0;
            for (Parameter parameter : this.parameters) {
                long[] shape = Tensors.shape(parameter.value());
                long size = parameter.value().numel();
                Tensor leaf = weights.narrow(0, at, size).view(shape).detach();
                leaf.copy_(parameter.value());
                leaf.requires_grad_(true);
                // Autograd adds to a gradient that is there, in place: it writes into the flat buffer.
                leaf.mutable_grad().put(gradients.narrow(0, at, size).view(shape));
                parameter.rebind(leaf);
                add(new Segment(at, size, head.contains(parameter), !isVector(parameter)));
                at += size;
            }
        }
    }

    /** This optimiser with a head, which it did not have; weights, gradients and moments move over, and this one is closed. */
    AdamW with(List<Parameter> head) {
        AdamW wider = new AdamW(parameters, head, headRate, config);
        long size = weights.numel();
        try (var _ = NativeScope.open()) {
            wider.gradients.narrow(0, 0, size).copy_(gradients);
            wider.first.narrow(0, 0, size).copy_(first);
            wider.second.narrow(0, 0, size).copy_(second);
        }
        wider.updates = new Updates(updates.backbone(), 0);
        close();
        return wider;
    }

    private void add(Segment segment) {
        Optional<Segment> joined =
                segments.isEmpty() ? Optional.empty() : segments.getLast().joined(segment);
        joined.ifPresent(_ -> segments.removeLast());
        segments.add(joined.orElse(segment));
    }

    private static boolean isVector(Parameter parameter) {
        return parameter.value().dim() < 2;
    }

    public void zeroGradients() {
        gradients.zero_();
    }

    /**
     * Clips the gradients to the configured norm and updates the weights.
     *
     * @param rate the learning rate of this step
     * @return the norm of the gradients before clipping; where it is not finite nothing is updated, and where it is 0 neither: moments alone
     *     would go on moving the weights in a step that nothing is learned from
     */
    public double clipAndStep(double rate) {
        return clipAndStep(rate, false, config);
    }

    /** The same with other settings than those that it was made with. */
    double clipAndStep(double rate, OptimizerConfig settings) {
        return clipAndStep(rate, false, settings);
    }

    /**
     * The same of the head alone. The backbone rests: neither its weights nor its moments change, and its bias correction waits, as
     * {@code torch.optim.AdamW} leaves parameters without a gradient.
     */
    public double clipAndStepHead(double rate) {
        return clipAndStep(rate, true, config);
    }

    private double clipAndStep(double rate, boolean headOnly, OptimizerConfig settings) {
        try (var _ = NativeScope.open()) {
            double norm = Tensors.toDouble(gradients.norm());
            if (!Double.isFinite(norm) || norm == 0) {
                return norm;
            }
            if (settings.clip() > 0) {
                // torch.nn.utils.clip_grad_norm_
                gradients.mul_(scalar(Math.min(1.0, settings.clip() / (norm + 1e-6))));
            }
            updates = new Updates(updates.backbone() + (headOnly ? 0 : 1), updates.head() + 1);
            for (Segment segment : segments) {
                if (headOnly && !segment.head()) {
                    continue;
                }
                int count = segment.head() ? updates.head() : updates.backbone();
                double weightDecay = segment.decayed() ? settings.weightDecay() : 0;
                for (long done = 0; done < segment.size(); done += chunk) {
                    long size = Math.min(chunk, segment.size() - done);
                    update(
                            segment.at() + done,
                            size,
                            count,
                            rate * (segment.head() ? headRate : 1),
                            weightDecay,
                            settings);
                }
            }
            parameters.forEach(Parameter::changed);
            return norm;
        }
    }

    /** @param count number of updates of these elements, including this one */
    private void update(long at, long size, int count, double rate, double weightDecay, OptimizerConfig settings) {
        try (var _ = NativeScope.open()) {
            Tensor weight = weights.narrow(0, at, size);
            Tensor gradient = gradients.narrow(0, at, size);
            Tensor mean = first.narrow(0, at, size);
            Tensor square = second.narrow(0, at, size);
            if (weightDecay > 0) {
                weight.mul_(scalar(1 - rate * weightDecay));
            }
            mean.lerp_(gradient, scalar(1 - settings.beta1()));
            square.mul_(scalar(settings.beta2())).addcmul_(gradient, gradient, scalar(1 - settings.beta2()));
            double correction1 = 1 - Math.pow(settings.beta1(), count);
            double correction2 = Math.sqrt(1 - Math.pow(settings.beta2(), count));
            Tensor denominator = square.sqrt().div_(scalar(correction2)).add_(scalar(settings.epsilon()));
            weight.addcdiv_(mean, denominator, scalar(-rate / correction1));
        }
    }

    /** A float64 sum of all weights: changes whenever an update changed anything. */
    double checksum() {
        try (var _ = NativeScope.open()) {
            return Tensors.toDouble(
                    torch.sum(weights, new org.bytedeco.pytorch.ScalarTypeOptional(torch.ScalarType.Double)));
        }
    }

    /** The Euclidean norm of all weights. */
    double norm() {
        try (var _ = NativeScope.open()) {
            return Tensors.toDouble(weights.norm());
        }
    }

    public Updates updates() {
        return updates;
    }

    /** First and second moments, flat; owned by this optimiser. */
    List<Tensor> moments() {
        return List.of(first, second);
    }

    /** Puts back what {@link #moments} and {@link #updates} gave. */
    void restore(Tensor firstMoments, Tensor secondMoments, Updates updatesDone) {
        first.copy_(firstMoments);
        second.copy_(secondMoments);
        updates = updatesDone;
    }

    @Override
    public void close() {
        weights.close();
        gradients.close();
        first.close();
        second.close();
    }
}
