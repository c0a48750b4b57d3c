//! A predictor allocates nothing after its first prediction.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use multitf::{
    burn::tensor::Device,
    genome::Label,
    nn::{Adapter, BodyConfig, HeadKind, ModelConfig, ModelFile, MotifConvConfig, Pooling, SignalInput, TrunkConfig},
};

/// The system's allocator, which counts the calls of each thread.
struct Counting;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: each call goes to the system's allocator as it is. The counter has no destructor and needs no memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.set(CALLS.get() + 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        CALLS.set(CALLS.get() + 1);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn file(body: BodyConfig, pooling: Pooling, signal: SignalInput, head: HeadKind, adapter: Adapter) -> ModelFile {
    let channels = usize::from(signal == SignalInput::Channels);
    let trunk = TrunkConfig::new(120, MotifConvConfig::new(20, 9).with_channels(channels))
        .with_pool(5)
        .with_body(body)
        .with_pooling(pooling)
        .with_signal(signal)
        .with_hidden(40);
    let config = ModelConfig::new(trunk, 3).with_head(head).with_adapter(adapter).with_members(2);
    let model = config.init(&Device::default());
    ModelFile { config, tasks: ["A", "B", "C"].map(String::from).to_vec(), inputs: None, model }
}

/// Allocations in a prediction after the first one.
fn allocations(file: &ModelFile) -> usize {
    let mut predictor = file.predictor().unwrap();
    let reads_signal = file.model.trunk.signal_tracks().is_some();
    let whole = b"ACGTACGTGN".repeat(12);
    let changing: Vec<f32> = (0..120).map(|place| (place % 7) as f32).collect();
    let mut predict = |sequence: &[u8], signal: &[f32]| {
        predictor.predict(sequence, reads_signal.then_some(signal)).unwrap();
    };
    predict(b"ACGT", &[1.0; 4]);
    let before = CALLS.get();
    predict(&whole, &changing);
    predict(b"GATTACA", &changing[..7]);
    CALLS.get() - before
}

#[test]
fn the_counter_counts() {
    let before = CALLS.get();
    drop(std::hint::black_box(vec![1]));
    assert_eq!(CALLS.get() - before, 1);
}

#[test]
fn the_second_prediction_allocates_nothing() {
    let plain = BodyConfig::Plain { channels: 24, blocks: 2, kernel: 3 };
    let dilated = BodyConfig::Dilated { channels: 48, layers: 2, kernel: 3 };
    let classes = vec![Label::Unbound, Label::Ambiguous, Label::Bound];
    for (body, pooling, signal, head, adapter) in [
        (BodyConfig::Shallow, Pooling::Flatten, SignalInput::Means(6), HeadKind::Sigmoid, Adapter::None),
        (
            BodyConfig::Parallel { widths: vec![5] },
            Pooling::Max,
            SignalInput::Channels,
            HeadKind::Convex,
            Adapter::Linear,
        ),
        (
            plain,
            Pooling::Attention,
            SignalInput::Channels,
            HeadKind::Gated { shared: 2, features: 4 },
            Adapter::Hidden(4),
        ),
        (dilated.clone(), Pooling::Average, SignalInput::Absent, HeadKind::Softmax { classes }, Adapter::Linear),
        (dilated, Pooling::Flatten, SignalInput::Absent, HeadKind::ExclusiveSoftmax, Adapter::None),
    ] {
        let file = file(body, pooling, signal, head, adapter);
        assert_eq!(allocations(&file), 0, "{:?}", file.config);
    }
}
